"""What the human demonstrations recorded agrees with the environment."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.envs.env import make
from muse.envs.pymunk import t_shape
from muse.envs.pymunk.push_t_env import GOAL_POSE, PushTEnv


def test_keypoints_equal_the_recorded_ones(human_push_t: dict[str, np.ndarray]) -> None:
    recorded = human_push_t["keypoint"]
    ours = t_shape.keypoints(human_push_t["state"][:, 2:])
    error = np.abs(ours - recorded).max(axis=(1, 2))
    # Where the block rests the difference is the rounding of float32. In the rest of the frames,
    # those of a block in motion, the recorder read state and keypoints a moment apart.
    assert (error < 1e-4).mean() > 0.74
    assert np.percentile(error, 90) < 0.01
    assert np.percentile(error, 99) < 0.05


def test_replayed_actions_reach_the_recorded_overlap(human_push_t: dict[str, np.ndarray]) -> None:
    ends = human_push_t["ends"]
    starts = np.concatenate([[0], ends[:-1]])
    drift, difference = [], []
    for start, end in list(zip(starts, ends, strict=True))[::4]:
        states, actions = human_push_t["state"][start:end], human_push_t["action"][start:end]
        recorded = max(t_shape.coverage(tuple(s), GOAL_POSE) for s in states[:, 2:])
        reached, farthest = replay(states, actions)
        drift.append(farthest)
        difference.append(abs(reached - recorded))
    # Open loop, over whole episodes of 49 to 246 steps: most stay within float32 rounding.
    assert np.median(drift) < 1e-3
    assert np.percentile(drift, 95) < 1.0
    assert np.median(difference) < 1e-5
    assert np.percentile(difference, 95) < 0.01


def replay(states: np.ndarray, actions: np.ndarray) -> tuple[float, float]:
    """Return the best overlap and the largest distance from the recorded states, px."""
    with make(PushTEnv) as env:
        env.reset(AttrDict(state=states[0]))
        best, farthest = env.coverage, 0.0
        for action, recorded in zip(actions, states[1:], strict=False):
            env.step(AttrDict(action=action[None].astype(np.float32)))
            best = max(best, env.coverage)
            reached = np.array([*env.world.agent_position, *env.world.block_pose[:2]])
            farthest = max(farthest, np.abs(reached - recorded[:4]).max())
    return best, farthest


def test_pictures_look_like_the_recorded_ones(
    human_push_t: dict[str, np.ndarray], human_push_t_images: np.ndarray
) -> None:
    with make(PushTEnv, AttrDict(image_obs=True)) as env:
        for index, recorded in enumerate(human_push_t_images):
            obs, _ = env.reset(AttrDict(state=human_push_t["state"][50 * index]))
            difference = np.abs(obs.image[0].astype(np.float64) - recorded)
            assert difference.mean() == pytest.approx(0.0, abs=0.3)
            assert (difference.max(axis=-1) > 20).mean() < 0.01

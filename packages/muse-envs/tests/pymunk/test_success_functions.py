"""The measures of play, exercised end to end by the scripted play."""

from __future__ import annotations

import math

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.envs.env import Env, make
from muse.envs.pymunk.stack_block_env_2d import StackBlockEnv2D
from muse.envs.pymunk.success_functions import pname_to_success
from muse.policies.block_play_policy import BlockPlayPolicy
from muse.policies.random_policy import RandomPolicy

PRIMITIVES = tuple(pname_to_success)
LAYOUT = AttrDict(
    block_sizes=[[40.0, 80.0]],
    block_positions=[[230.0, 40.0]],
    position=[220.0, 300.0],
    goal_position=[50.0, 190.0],
)
#: Which way a primitive moves or turns the block; None where both will do.
LEFTWARDS = ("push_left", "pull_back_move_left", "right_side_rotate")
RIGHTWARDS = ("push_right", "pull_back_move_right", "left_side_rotate")


@pytest.fixture(scope="module")
def env() -> Env:
    with make(StackBlockEnv2D, AttrDict(disable_images=True, done_on_success=False)) as made:
        yield made


def play(env: Env, policy: object, steps: int = 300) -> AttrDict:
    """Return `block_positions` (T, 1, 2) and `block_angles` (T, 1) of an episode."""
    env.seed(0)
    obs, goal = env.reset(LAYOUT)
    memory = policy.initial_memory(None, 1, seeds=[0])
    frames = [obs]
    for _ in range(steps):
        action, memory = policy.get_action(None, obs, goal, memory)
        obs, goal, _ = env.step(action)
        frames.append(obs)
        if policy.is_terminated(None, obs, goal, memory)[0]:
            break
    names = ("block_positions", "block_angles")
    return AttrDict((name, np.concatenate([f[name] for f in frames])) for name in names)


def last(episode: AttrDict) -> AttrDict:
    return episode.leaf_apply(lambda leaf: leaf[-1])


@pytest.mark.parametrize("name", PRIMITIVES)
def test_scripted_play_does_what_it_is_called(env: Env, name: str) -> None:
    policy = BlockPlayPolicy(AttrDict(primitive=name), env.env_spec)
    episode = play(env, policy)
    score = pname_to_success[name](episode, last(episode))
    # The primitive changed what its measure looks at, and measured at its own end it succeeds.
    assert score.initial < 0.5 and score.best == score.final == 1.0 and score.success
    ((x, y),) = episode.block_positions[-1] - episode.block_positions[0]
    turned = math.degrees(episode.block_angles[-1, 0] - episode.block_angles[0, 0])
    assert x < -15 or name not in LEFTWARDS
    assert x > 15 or name not in RIGHTWARDS
    assert y > 15 or name != "pull_back_move_up"
    if name in ("rotate_left", "right_side_rotate"):
        assert turned == pytest.approx(90, abs=10)
    if name in ("rotate_right", "left_side_rotate"):
        assert turned == pytest.approx(-90, abs=10)
    assert abs(turned) > 30 or name != "tip"


@pytest.mark.parametrize("name", PRIMITIVES)
def test_doing_something_else_is_no_success(env: Env, name: str) -> None:
    policy = BlockPlayPolicy(AttrDict(primitive=name), env.env_spec)
    goal = last(play(env, policy))
    still = play(env, RandomPolicy(AttrDict(), env.env_spec), steps=5)
    assert not pname_to_success[name](still, goal).success


@pytest.mark.parametrize(("name", "weight"), [("push_left", 0.75), ("tip", 0.25)])
def test_the_score_weighs_place_and_angle(name: str, weight: float) -> None:
    goal = AttrDict(block_positions=np.zeros((2, 2)), block_angles=np.zeros(2))

    def score(shift: float, turn: float) -> float:
        frame = AttrDict(
            block_positions=np.array([[[shift, 0.0], [0.0, 0.0]]]),
            block_angles=np.array([[2 * math.pi + math.radians(turn), 0.0]]),
        )
        return pname_to_success[name](frame, goal).best

    # Means over the blocks: one of two may be off twice as far.
    assert score(29.0, 29.0) == 1.0
    assert score(31.0, 0.0) == 1.0 - weight
    assert score(0.0, 31.0) == weight
    assert score(31.0, 31.0) == 0.0


def test_bad_shapes_are_named() -> None:
    goal = AttrDict(block_positions=np.zeros((1, 2)), block_angles=np.zeros(1))
    obs = AttrDict(block_positions=np.zeros((4, 2, 2)), block_angles=np.zeros((4, 2)))
    with pytest.raises(DataError, match="block_positions"):
        pname_to_success["tip"](obs, goal)

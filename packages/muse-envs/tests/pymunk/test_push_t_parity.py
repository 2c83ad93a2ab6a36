"""The same actions from the same state give gym-pusht's states and rewards."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pymunk
import pytest

from muse.core.attrdict import AttrDict
from muse.envs.env import make
from muse.envs.pymunk.push_t_env import PushTEnv

#: px and rad over 300 steps; what was measured is 0, bit for bit.
STATE_TOLERANCE = 1e-9
REWARD_TOLERANCE = 1e-9


@pytest.fixture
def reference() -> Any:
    if not hasattr(pymunk.Space, "add_collision_handler"):
        pytest.skip(f"gym-pusht does not run on pymunk {pymunk.version}, only below 7")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("gym_pusht.envs.pusht", reason="gym-pusht is not installed")
        env = module.PushTEnv(obs_type="state")
    yield env
    env.close()


def exact_state(env: PushTEnv) -> np.ndarray:
    x, y, theta = env.world.block_pose
    return np.array([*env.world.agent_position, x, y, theta % (2 * math.pi)])


@pytest.mark.parametrize("seed", range(5))
def test_episodes_are_the_same(reference: Any, seed: int) -> None:
    theirs, _ = reference.reset(seed=seed)
    with make(PushTEnv) as env:
        env.seed(seed)
        env.reset()
        np.testing.assert_allclose(exact_state(env), theirs, atol=STATE_TOLERANCE)
        rng = np.random.default_rng(seed)
        touched = False
        for _ in range(300):
            start = exact_state(env)
            # Around the block, so that it is pushed most of the time.
            action = np.clip(start[2:4] + rng.normal(0, 80, 2), 0, 512).astype(np.float32)
            theirs, reward, terminated, _, _ = reference.step(action)
            obs, _, done = env.step(AttrDict(action=action[None]))
            np.testing.assert_allclose(exact_state(env), theirs, atol=STATE_TOLERANCE)
            assert min(env.coverage / 0.95, 1.0) == pytest.approx(reward, abs=REWARD_TOLERANCE)
            assert obs.terminated[0, 0] == terminated
            touched = touched or not np.array_equal(start[2:], exact_state(env)[2:])
            if done[0]:
                break
        assert touched


def test_legacy_presets_are_the_same(reference: Any) -> None:
    state = [100.0, 120.0, 300.0, 280.0, 1.25]
    theirs, _ = reference.reset(seed=0, options={"reset_to_state": state})
    with make(PushTEnv, AttrDict(legacy=True)) as env:
        env.reset(AttrDict(state=state))
        np.testing.assert_allclose(exact_state(env), theirs, atol=STATE_TOLERANCE)


def test_pictures_are_nearly_the_same(reference: Any) -> None:
    reference.obs_type = "pixels"
    with make(PushTEnv, AttrDict(image_obs=True)) as env:
        for seed in range(5):
            theirs, _ = reference.reset(seed=seed)
            env.seed(seed)
            ours = env.reset()[0].image[0]
            assert np.abs(ours.astype(float) - theirs).mean() < 0.1

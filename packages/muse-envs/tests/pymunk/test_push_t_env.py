from __future__ import annotations

import math

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError, SpecError
from muse.envs.env import make
from muse.envs.pymunk.push_t_env import PushTEnv
from muse.envs.testing import check_env

STATE = np.array([100.0, 120.0, 300.0, 280.0, 1.25])


def push(env: PushTEnv, x: float, y: float) -> tuple[AttrDict, AttrDict, np.ndarray]:
    return env.step(AttrDict(action=np.array([[x, y]], np.float32)))


@pytest.mark.parametrize("image_obs", [False, True])
def test_keeps_the_contract(image_obs: bool) -> None:
    check_env(PushTEnv, AttrDict(image_obs=image_obs, max_steps=30))


def test_a_preset_state_is_reached_exactly() -> None:
    with make(PushTEnv) as env:
        for state in (STATE, STATE[None]):
            obs, _ = env.reset(AttrDict(state=state))
            np.testing.assert_array_equal(obs.agent_pos[0], STATE[:2].astype(np.float32))
            np.testing.assert_array_equal(obs.block_pose[0], STATE[2:].astype(np.float32))
            assert obs.keypoints.shape == (1, 18)


def test_a_bad_preset_is_refused() -> None:
    with make(PushTEnv) as env, pytest.raises(EnvError, match="expected 5 finite numbers"):
        env.reset(AttrDict(state=[1.0, 2.0]))


def test_angles_wind_into_one_turn() -> None:
    with make(PushTEnv) as env:
        obs, _ = env.reset(AttrDict(state=[50, 50, 256, 256, -1.0]))
        assert obs.block_pose[0, 2] == pytest.approx(2 * math.pi - 1.0)


def test_success_ends_the_episode_with_full_reward() -> None:
    with make(PushTEnv) as env:
        env.reset(AttrDict(state=[50, 50, 256, 256, math.pi / 4]))
        obs, _, done = push(env, 50, 50)
        assert done[0] and obs.terminated[0, 0] and not obs.truncated[0, 0]
        assert obs.reward[0, 0] == 1.0
        assert env.is_success()[0] and env.score()[0] == 1.0


def test_score_is_the_highest_reward_so_far() -> None:
    with make(PushTEnv) as env:
        # Standing on half of the goal, then pushed off it from the left.
        env.reset(AttrDict(state=[60, 280, 240, 240, math.pi / 4]))
        rewards = [float(push(env, 500, 280)[0].reward[0, 0]) for _ in range(20)]
        assert rewards[-1] < max(rewards)
        assert env.score()[0] == pytest.approx(max(rewards), abs=1e-6)


def test_time_runs_out() -> None:
    with make(PushTEnv, AttrDict(max_steps=3)) as env:
        env.seed(0)
        env.reset()
        done = [push(env, 10, 10) for _ in range(3)]
        assert [bool(d[0]) for _, _, d in done] == [False, False, True]
        assert done[-1][0].truncated[0, 0] and not done[-1][0].terminated[0, 0]


def test_bad_actions_are_named() -> None:
    with make(PushTEnv) as env:
        env.reset()
        with pytest.raises(SpecError, match="513"):
            push(env, 513, 0)


def test_misspelled_parameter_is_named() -> None:
    with pytest.raises(ParamError, match="max_steps"):
        make(PushTEnv, AttrDict(max_step=3))


def test_restored_state_goes_on_the_same() -> None:
    with make(PushTEnv) as env, make(PushTEnv) as other:
        env.reset(AttrDict(state=STATE))
        for _ in range(5):
            push(env, 400, 400)
        saved = env.save_state()
        other.restore_state(saved)
        for x in (300, 200, 100):
            ours, theirs = push(env, x, 300)[0], push(other, x, 300)[0]
            np.testing.assert_array_equal(ours.agent_pos, theirs.agent_pos)
            np.testing.assert_array_equal(ours.block_pose, theirs.block_pose)


def test_restore_revives_a_finished_episode() -> None:
    with make(PushTEnv, AttrDict(max_steps=2)) as env:
        env.reset(AttrDict(state=STATE))
        saved = env.save_state()
        push(env, 1, 1)
        push(env, 1, 1)
        obs = env.restore_state(saved)
        np.testing.assert_array_equal(obs.block_pose[0], STATE[2:].astype(np.float32))
        assert not push(env, 1, 1)[2][0]


def test_parameters_change_the_physics() -> None:
    # The pusher strikes the block and draws back.
    poses = {}
    for name, params in {
        "plain": {},
        "sliding": {"damping": 1.0},
        "cog": {"block_cog": [0.0, 100.0]},
    }.items():
        with make(PushTEnv, AttrDict(params)) as env:
            env.reset(AttrDict(state=[200, 200, 256, 256, 0.0]))
            for _ in range(4):
                push(env, 280, 320)
            for _ in range(4):
                poses[name] = push(env, 100, 100)[0].block_pose
    assert not np.allclose(poses["plain"], poses["sliding"], atol=0.1)
    assert not np.allclose(poses["plain"], poses["cog"], atol=0.1)


def test_block_cog_needs_two_numbers() -> None:
    with pytest.raises(ParamError, match="block_cog"):
        make(PushTEnv, AttrDict(block_cog=[1.0]))


def test_pictures_mark_the_action_only_on_request() -> None:
    red = np.array([255, 0, 0])
    for marked in (False, True):
        with make(PushTEnv, AttrDict(image_obs=True, render_action=marked)) as env:
            env.reset(AttrDict(state=STATE))
            image = push(env, 400, 400)[0].image[0]
            assert (image == red).all(axis=-1).any() == marked
            assert env.render().shape == (256, 256, 3)

"""Muse environments pass gymnasium's own checks."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from env_zoo import CounterEnv

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.simple.point_mass_vector_env import PointMassVectorEnv
from muse.envs.vector import SubprocVectorEnv, SyncVectorEnv

gymnasium = pytest.importorskip("gymnasium")
from gymnasium import spaces  # noqa: E402
from gymnasium.utils.env_checker import check_env  # noqa: E402

from muse.envs.gymnasium import GymnasiumEnv, GymnasiumVectorEnv, register  # noqa: E402


def points(rows, cls=PointMassVectorEnv, auto_reset=True, **params):
    group = AttrDict(cls=PointMassEnv) & AttrDict(params)
    return make(cls, AttrDict(num_envs=rows, env=group, auto_reset=auto_reset))


@pytest.mark.parametrize(
    ("cls", "params"),
    [
        (PointMassEnv, {}),
        (PointMassEnv, {"num_obstacles": 2}),
        (CounterEnv, {"goals": True}),
        ("muse.envs.simple.gym.GymEnv", {"env_type": "CartPole-v1"}),
        ("muse.envs.simple.gym.GymEnv", {"env_type": "Pendulum-v1"}),
    ],
)
def test_passes_gymnasiums_check(cls, params):
    env = GymnasiumEnv(make(cls, AttrDict(params)), render_mode="rgb_array")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # What it has to say against limits, float64 and names of classes is the simulator's.
        warnings.filterwarnings("ignore", message=".*(minimum|maximum|precision|spec|symmetric).*")
        check_env(env, skip_render_check=True)


def test_spaces_values_and_info():
    env = GymnasiumEnv(make(CounterEnv, AttrDict(goals=True, length=2)))
    assert env.observation_space["count"] == spaces.Discrete(1001)
    assert env.action_space["mode"] == spaces.Discrete(4)
    assert env.action_space["push"].shape == (1,)
    obs, _ = env.reset(seed=3, options={"count": 1})
    assert obs["count"] == 1 and obs["goal/aim"].tolist() == [7.0]
    obs, reward, terminated, truncated, info = env.step({"push": np.float32([0.5]), "mode": 2})
    assert (obs["count"], reward, terminated, truncated) == (2, 0.5, True, False)
    assert info == {"is_success": True, "score": 1.0, "failed": False}
    assert env.render() is None
    env.close()


def test_a_broken_simulator_truncates_with_a_flag():
    env = GymnasiumEnv(make(CounterEnv, AttrDict(trouble="nan", trouble_at=1)))
    env.reset(seed=0)
    _, _, terminated, truncated, info = env.step({"push": np.float32([0.5]), "mode": 2})
    assert (terminated, truncated, info["failed"], info["is_success"]) == (False, True, True, False)


@pytest.mark.parametrize("cls", [PointMassVectorEnv, SyncVectorEnv, SubprocVectorEnv])
def test_vectors_reset_in_the_same_step(cls):
    env = GymnasiumVectorEnv(points(3, cls, num_steps=2))
    assert env.metadata["autoreset_mode"] is gymnasium.vector.AutoresetMode.SAME_STEP
    obs, _ = env.reset(seed=7)
    assert env.observation_space.contains(obs)
    again, _ = env.reset(seed=[7, 8, 9])
    assert all(np.array_equal(obs[key], again[key]) for key in obs)
    env.action_space.seed(0)
    for step in (1, 2):
        obs, reward, terminated, truncated, info = env.step(env.action_space.sample())
        assert env.observation_space.contains(obs)
        assert reward.shape == terminated.shape == truncated.shape == (3,)
        assert truncated.all() == (step == 2)
    assert info["_final_obs"].all() and env.single_observation_space.contains(info["final_obs"][2])
    assert not np.array_equal(info["final_obs"][0]["ego"], obs["ego"][0])
    assert info["is_success"].tolist() == [False] * 3
    env.close()


def test_vectors_without_automatic_reset_take_masks():
    env = GymnasiumVectorEnv(points(2, auto_reset=False, num_steps=1), render_mode="rgb_array")
    assert env.metadata["autoreset_mode"] is gymnasium.vector.AutoresetMode.DISABLED
    first, _ = env.reset(seed=0)
    obs, *_ = env.step(np.zeros((2, 2), np.float32))
    fresh, _ = env.reset(options={"reset_mask": np.array([False, True]), "ego": [0.1, 0.1]})
    assert np.array_equal(fresh["ego"][0], obs["ego"][0])
    assert np.allclose(fresh["ego"][1], 0.1)
    assert env.render().ndim == 3
    env.close()


def test_gymnasiums_wrappers_work():
    far = {"initial_obs": [0.1, 0.1], "initial_target": [0.9, 0.9]}
    env = gymnasium.wrappers.vector.RecordEpisodeStatistics(GymnasiumVectorEnv(points(2, **far)))
    env.reset(seed=0)
    for _ in range(100):
        *_, info = env.step(env.action_space.sample())
    assert info["episode"]["l"].tolist() == [100, 100]
    env.close()


def test_ids_are_registered_on_request():
    ids = register()
    assert "muse/PointMass-v0" in ids and register() == ids
    env = gymnasium.make("muse/PointMass-v0", num_steps=3, render_mode="rgb_array")
    env.reset(seed=0)
    assert [env.step(np.zeros(2, np.float32))[3] for _ in range(3)] == [False, False, True]
    assert env.render().shape == (128, 128, 3)
    env.close()


def test_a_single_env_is_asked_for():
    with pytest.raises(EnvError, match="GymnasiumVectorEnv"):
        GymnasiumEnv(points(2))

"""A batch of point masses is, row for row and bit for bit, so many single ones."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.rollout import rollout
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.simple.point_mass_vector_env import PointMassVectorEnv
from muse.envs.testing import check_env
from muse.policies.point_mass_expert import PointMassExpert

CASES = [
    AttrDict(),
    AttrDict(target_speed=1.0, noise_std=0.01, theta_noise_std=0.3),
    AttrDict(num_obstacles=3, sparse_reward=True, theta_noise_std=0.2, num_steps=12),
    AttrDict(image_obs=True, image_size=16, num_obstacles=1, num_steps=20),
]


def batch(rows, auto_reset=False, **params):
    group = AttrDict(cls=PointMassEnv) & AttrDict(params)
    return make(PointMassVectorEnv, AttrDict(num_envs=rows, env=group, auto_reset=auto_reset))


@pytest.mark.parametrize("params", CASES)
def test_contract(params):
    check_env(PointMassVectorEnv, AttrDict(num_envs=3, env=AttrDict(cls=PointMassEnv) & params))


@pytest.mark.parametrize("params", CASES)
@pytest.mark.parametrize("rows", [2, 7, 64])
def test_rows_equal_single_environments(params, rows):
    actions = np.random.default_rng(1).uniform(-1, 1, (40, rows, 2)).astype(np.float32)
    with batch(rows, **params) as env, make(PointMassEnv, params) as single:
        env.seed(range(10, 10 + rows))
        first, _ = env.reset()
        history = [env.step(AttrDict(action=a)) for a in actions if not env._over.all()]
        for row in (0, rows // 2, rows - 1):
            single.seed(10 + row)
            obs, _ = single.reset()
            done = [False]
            for step in range(len(history) + 1):
                batched = first if step == 0 else history[step - 1][0]
                for name, value in obs.leaf_items():
                    assert np.array_equal(value[0], batched[name][row]), (step, name)
                if step == len(history) or done[0]:
                    break
                obs, _, done = single.step(AttrDict(action=actions[step, row : row + 1]))
                assert done[0] == history[step][2][row]
            assert env.is_success()[row] == single.is_success()[0]


@pytest.mark.parametrize("rows", [1, 8])
def test_rollouts_equal_single_ones(rows):
    def run(env):
        expert = PointMassExpert(None, env.env_spec)
        return [e.as_dict() for e in rollout(env, expert, seeds=range(10), max_steps=40)]

    with batch(rows, num_obstacles=2) as env, make(PointMassEnv, {"num_obstacles": 2}) as single:
        assert run(env) == run(single)


def test_an_automatic_reset_keeps_what_the_step_led_to():
    with batch(4, auto_reset=True, num_steps=3) as env:
        env.seed(0)
        env.reset()
        still = AttrDict(action=np.zeros((4, 2), np.float32))
        for _ in range(2):
            before, _, done = env.step(still)
            assert not done.any()
            assert np.array_equal(env.final_obs["ego"], before["ego"])
        obs, _, done = env.step(still)
        assert done.all() and obs["truncated"].all()
        assert np.array_equal(env.final_obs["ego"], before["ego"])  # it stood still
        assert not np.array_equal(obs["ego"], before["ego"])
        assert not env.step(still)[2].any()


def test_every_row_goes_on_from_a_saved_state():
    params = {"num_obstacles": 1, "noise_std": 0.01, "target_speed": 1.0, "num_steps": 6}
    still = AttrDict(action=np.zeros((3, 2), np.float32))
    with batch(3, **params) as env, batch(3, **params) as other:
        env.reset_where(np.array([True, True, False]), [0, 1, 2])
        for _ in range(3):
            env.step(still)
        env.reset_where(np.array([True, False, False]), [5, 5, 5])
        for _ in range(3):
            env.step(still)  # row 1 is done, row 0 in the middle, row 2 never began
        state = env.save_state()
        obs = other.restore_state(state)
        assert np.array_equal(obs["ego"], env.final_obs["ego"]) and not obs["truncated"].any()
        for _ in range(2):
            ours, theirs = env.step(still), other.step(still)
            assert ours[2].tolist() == theirs[2].tolist() == [False, True, True]
            assert np.array_equal(ours[0]["target"], theirs[0]["target"])
        first = env.reset_where(np.array([False, True, True]), [7, 7, 7])[0]
        again = other.reset_where(np.array([False, True, True]), [7, 7, 7])[0]
        assert np.array_equal(first["ego"], again["ego"])


def test_presets_of_each_row():
    with batch(2) as env:
        obs, _ = env.reset([{"ego": [0.1, 0.2]}, {"ego": [0.3, 0.4]}])
        assert np.allclose(obs["ego"], [[0.1, 0.2], [0.3, 0.4]])
        with pytest.raises(EnvError, match="presets of 1 rows"):
            env.reset([{"ego": [0.1, 0.2]}])
        with pytest.raises(EnvError, match="egoo"):
            env.reset({"egoo": [0.1, 0.2]})


def test_only_point_masses_that_share_parameters():
    with pytest.raises(EnvError, match="expected PointMassEnv"):
        make(PointMassVectorEnv, {"num_envs": 2, "env": AttrDict(cls="env_zoo.CounterEnv")})
    with pytest.raises(EnvError, match="SyncVectorEnv"):
        group = AttrDict(cls=PointMassEnv)
        params = AttrDict(num_envs=2, env=group, modify_env_params_by_index=lambda p, i: p)
        make(PointMassVectorEnv, params)

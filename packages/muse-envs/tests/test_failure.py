"""A simulator that breaks ends its episode with a flag and poisons no data."""

from __future__ import annotations

import numpy as np
import pytest
from env_zoo import CounterEnv, PushPolicy

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.parallel import Factory, agent_from_group, parallel_rollout
from muse.envs.rollout import rollout, summarize
from muse.envs.simulator_error import SimulatorError
from muse.envs.testing import check_env
from muse.envs.vector import SubprocVectorEnv, SyncVectorEnv

BROKEN = ["nan", "refuse"]


def action(rows=1):
    return AttrDict(push=np.full((rows, 1), -1.0, np.float32), mode=np.zeros((rows, 1), np.int64))


def vector(cls, rows=3, auto_reset=False, **params):
    group = AttrDict(cls=CounterEnv, trouble_seed=1) & AttrDict(params)
    return make(cls, AttrDict(num_envs=rows, env=group, auto_reset=auto_reset))


@pytest.mark.parametrize("trouble", BROKEN)
def test_the_episode_ends_on_the_last_good_observation(trouble):
    with make(CounterEnv, AttrDict(trouble=trouble, trouble_at=3)) as env:
        env.seed(1)
        env.reset()
        env.step(action())
        good, _, done = env.step(action())
        assert not done[0] and not env.failed[0]
        obs, _, done = env.step(action())
        assert done.tolist() == env.failed.tolist() == [True]
        assert obs["truncated"].item() and not obs["terminated"].item()
        assert obs["reward"].item() == 0.0
        assert np.array_equal(obs["start"], good["start"]) and obs["count"] == good["count"]
        with pytest.raises(EnvError, match="over"):
            env.step(action())
        env.reset()
        assert not env.failed[0]


def test_a_start_that_is_not_finite_is_refused():
    class Broken(CounterEnv):
        def _is_healthy(self):
            return False

    with pytest.raises(SimulatorError, match="Broken: .* not finite after reset"):
        make(Broken).reset()


@pytest.mark.parametrize("cls", [SyncVectorEnv, SubprocVectorEnv])
@pytest.mark.parametrize("trouble", BROKEN)
def test_rows_fail_alone(cls, trouble):
    with vector(cls, trouble=trouble) as env:
        env.seed(0)
        env.reset()
        env.step(action(3))
        obs, _, done = env.step(action(3))
        assert done.tolist() == env.failed.tolist() == [False, True, False]
        assert obs["truncated"].ravel().tolist() == [False, True, False]
        assert obs["count"].ravel().tolist() == [2, 1, 2]
        assert np.isfinite(obs["start"]).all()
        env.step(action(3))
        assert env.failed.tolist() == [False, True, False]
        env.reset_where(env.failed, [0, 5, 0])
        assert not env.failed.any()


@pytest.mark.parametrize("cls", [SyncVectorEnv, SubprocVectorEnv])
def test_with_an_automatic_reset_the_flag_stands_for_one_step(cls):
    with vector(cls, auto_reset=True, trouble="nan") as env:
        env.seed(0)
        env.reset()
        env.step(action(3))
        obs, _, done = env.step(action(3))
        assert done.tolist() == env.failed.tolist() == [False, True, False]
        assert obs["count"].ravel().tolist() == [2, 0, 2]
        assert env.final_obs["count"].ravel().tolist() == [2, 1, 2]
        env.step(action(3))
        assert not env.failed.any()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("workers", [0, 2])
def test_failed_episodes_have_no_data(rows, workers):
    params = AttrDict(trouble="nan", trouble_seed=2, trouble_at=2)
    episodes = parallel_rollout(
        Factory(make, {"env_cls": CounterEnv, "overrides": params}),
        Factory(agent_from_group, {"policy": AttrDict(cls="env_zoo.PushPolicy")}),
        range(5),
        workers,
        envs_per_worker=rows,
        record=True,
    )
    assert [e.failed for e in episodes] == [False, False, True, False, False]
    broken = episodes[2]
    assert broken.truncated and not broken.terminated and not broken.success
    assert (broken.data, broken.score, broken.as_dict()["failed"]) == (None, 0.0, True)
    assert all(np.isfinite(e.data[0]["start"]).all() for e in episodes if not e.failed)
    summary = summarize(episodes)
    assert (summary.n, summary.successes, summary.failures) == (5, 4, 1)


def test_rollout_refuses_an_env_that_resets_itself():
    with (
        vector(SyncVectorEnv, auto_reset=True) as env,
        pytest.raises(EnvError, match="auto_reset=False"),
    ):
        rollout(env, PushPolicy(None, env.env_spec), seeds=[0])


def test_the_checker_finds_a_state_that_does_not_come_back():
    class Forgetful(CounterEnv):
        def _restore_state(self, state):
            return super()._restore_state(state & AttrDict(count=np.array([[0]])))

    class Shy(CounterEnv):
        saves_state = False

    check_env(CounterEnv, steps=1000)
    with pytest.raises(EnvError, match="step 0 after restore_state gave 'count'"):
        check_env(Forgetful)
    with make(Shy) as env, pytest.raises(EnvError, match="Shy cannot save its state"):
        env.reset()
        env.save_state()


def test_a_restored_episode_draws_the_same_numbers():
    with make(CounterEnv) as env:
        env.seed(4)
        env.reset()
        state = env.save_state()
        drawn = env.rng.random(3)
        env.reset()
        env.restore_state(state)
        assert np.array_equal(env.rng.random(3), drawn)

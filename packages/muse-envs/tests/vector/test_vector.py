"""Vectorised environments: the contract with B = N, and what a dead worker costs."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from env_zoo import CounterEnv

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, EnvError, SpecError
from muse.envs.env import make
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.testing import check_env
from muse.envs.vector import SubprocVectorEnv, SyncVectorEnv, WorkerCrashError
from muse.envs.vector.vector_env import tile

BOTH = [SyncVectorEnv, SubprocVectorEnv]


def vector(cls, rows=3, extra=None, **params):
    group = AttrDict(cls=CounterEnv) & AttrDict(params)
    return make(cls, AttrDict(num_envs=rows, env=group, **(extra or {})))


def action(rows=3, push=0.5):
    return AttrDict(push=np.full((rows, 1), push, np.float32), mode=np.zeros((rows, 1), np.int64))


@pytest.mark.parametrize("cls", BOTH)
def test_contract(cls):
    check_env(cls, AttrDict(num_envs=2, env=AttrDict(cls=PointMassEnv, num_obstacles=1)), steps=20)


@pytest.mark.parametrize("cls", BOTH)
def test_rows_wait_when_done_and_restart_alone(cls):
    with vector(cls, length=2, goals=True) as env:
        env.seed(0)
        obs, goal = env.reset()
        assert goal["aim"].ravel().tolist() == [7.0] * 3
        env.step(action())
        rows = np.array([False, True, False])
        obs, _ = env.reset_where(rows, [0, 9, 0])
        assert obs["count"].ravel().tolist() == [1, 0, 1]
        obs, _, done = env.step(action())
        assert done.tolist() == [True, False, True]
        obs, _, done = env.step(action(push=-0.5))
        assert obs["count"].ravel().tolist() == [2, 2, 2] and done.all()
        # Rows 0 and 2 kept the success of their last real step.
        assert env.is_success().tolist() == [True, False, True]
        with pytest.raises(EnvError, match="over"):
            env.step(action())


@pytest.mark.parametrize("cls", BOTH)
def test_row_seeds_equal_single_seeds(cls):
    single = make(CounterEnv)
    starts = []
    for seed in (4, 9, 2):
        single.seed(seed)
        starts.append(single.reset()[0]["start"])
    with vector(cls) as env:
        env.seed([4, 9, 2])
        assert np.array_equal(env.reset()[0]["start"], np.concatenate(starts))


@pytest.mark.parametrize("cls", BOTH)
def test_actions_of_finished_rows_are_not_judged(cls):
    with vector(cls, length=3) as env:
        env.reset_where(np.array([True, False, True]), [0, 1, 2])
        bad = action()
        bad["push"][1] = np.nan
        assert env.step(bad)[2].tolist() == [False, True, False]
        bad["push"][2] = np.nan
        with pytest.raises(SpecError, match=r"'push'\[2, 0\] is NaN"):
            env.step(bad)


@pytest.mark.parametrize("cls", BOTH)
def test_rows_that_never_began_show_the_first(cls):
    with vector(cls) as env:
        obs, _ = env.reset_where(np.array([False, True, False]), [0, 5, 0])
        assert np.array_equal(obs["start"][0], obs["start"][1])
        assert env.is_success().tolist() == [False] * 3


@pytest.mark.parametrize("cls", BOTH)
def test_presets_and_pictures(cls):
    with vector(cls) as env:
        obs, _ = env.reset(AttrDict(count=3))
        assert obs["count"].ravel().tolist() == [3, 3, 3]
        assert env.render_row(2).shape == (4, 6, 3)
        assert env.render().shape == (8, 12, 3)
        with pytest.raises(EnvError, match="coutn"):
            env.reset(AttrDict(coutn=3))


@pytest.mark.parametrize("cls", BOTH)
def test_wrong_groups_and_seeds(cls):
    with pytest.raises(ConfigError, match="cls"):
        make(cls, AttrDict(num_envs=2, env=AttrDict(length=3)))
    with vector(cls) as env:
        with pytest.raises(EnvError, match="seeds"):
            env.seed([1, 2])
        with pytest.raises(EnvError, match="rows"):
            env.reset_where(np.array([1, 0, 1]), [0, 0, 0])


def test_of_joins_ready_environments():
    rows = [make(CounterEnv) for _ in range(2)]
    env = SyncVectorEnv.of(rows)
    env.seed(1)
    assert env.reset()[0]["count"].shape == (2, 1)
    with pytest.raises(EnvError, match="one spec"):
        SyncVectorEnv.of([rows[0], make(PointMassEnv)])


def test_a_worker_error_is_one_line_and_survived():
    with vector(SubprocVectorEnv, trouble="raise", trouble_seed=1, trouble_at=1) as env:
        env.seed([0, 1, 2])
        env.reset()
        with pytest.raises(EnvError, match=r"worker 1 .*ValueError: the simulator fell over") as e:
            env.step(action())
        assert "\n" not in str(e.value)
        env.seed([3, 4, 5])
        env.reset()
        assert not env.step(action())[2].any()


def test_a_killed_worker_is_reported_and_started_again():
    with vector(SubprocVectorEnv, trouble="kill", trouble_seed=1, trouble_at=1) as env:
        env.seed([0, 1, 2])
        env.reset()
        with pytest.raises(WorkerCrashError, match=r"worker 1 \(rows 1..1\) was killed by SIGKILL"):
            env.step(action())
        env.seed([3, 4, 5])
        env.reset()
        assert not env.step(action())[2].any()


def test_a_killed_worker_can_count_as_truncated():
    extra = {"on_crash": "truncate", "num_workers": 2}
    with vector(SubprocVectorEnv, 4, extra) as env:
        env.reset()
        os.kill(env.processes[0].pid, signal.SIGKILL)
        with pytest.warns(RuntimeWarning, match=r"rows 0\.\.1.*SIGKILL"):
            obs, _, done = env.step(action(4))
        assert done.tolist() == obs["truncated"].ravel().tolist() == [True, True, False, False]
        obs, _ = env.reset_where(np.array([True, False, False, False]), [1, 1, 1, 1])
        assert env.step(action(4))[2].tolist() == [False, True, False, False]


def test_a_hanging_worker_is_given_up():
    with vector(SubprocVectorEnv, 1, {"timeout": 2.0}, trouble="hang", trouble_at=1) as env:
        env.reset()
        with pytest.raises(WorkerCrashError, match="no answer within 2 s"):
            env.step(action(1))


def test_no_process_is_left():
    env = vector(SubprocVectorEnv)
    pids = [worker.pid for worker in env.processes]
    env.close()
    env.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_an_env_that_cannot_be_built_is_one_line():
    with pytest.raises(EnvError, match="worker 0.*cannot make env_type='Nope-v0'"):
        env_spec = make(CounterEnv).env_spec
        group = AttrDict(cls="muse.envs.simple.gym.GymEnv", env_type="Nope-v0")
        SubprocVectorEnv(AttrDict(num_envs=1, env=group), env_spec)


def test_tile():
    pictures = [np.full((2, 3, 3), i, np.uint8) for i in range(5)]
    grid = tile(pictures)
    assert grid.shape == (4, 9, 3)
    assert grid[2, 3, 0] == 4 and grid[3, 8, 0] == 0


@pytest.mark.parametrize("cls", BOTH)
def test_parameters_by_row(cls):
    extra = {"modify_env_params_by_index": "env_zoo.longer"}
    with vector(cls, 3, extra) as env:
        env.reset()
        ends = [env.step(action())[2].tolist() for _ in range(4)]
    assert ends == [[False] * 3, [True, False, False], [True, True, False], [True] * 3]


@pytest.mark.parametrize("cls", BOTH)
def test_rows_begin_again_by_themselves(cls):
    with vector(cls, 2, {"auto_reset": True}, length=3, goals=True) as env:
        env.seed([4, 9])
        first, _ = env.reset()
        for _ in range(2):
            obs, _, done = env.step(action(2))
            assert not done.any() and np.array_equal(env.final_obs["count"], obs["count"])
        obs, goal, done = env.step(action(2))
        assert (
            done.all() and obs["terminated"].all() and obs["reward"].ravel().tolist() == [0.5] * 2
        )
        assert obs["count"].ravel().tolist() == [0, 0]
        assert env.final_obs["count"].ravel().tolist() == [3, 3]
        assert np.array_equal(env.final_obs["start"], first["start"])
        assert env.is_success().all() and env.score().tolist() == [1.0, 1.0]
        assert goal["aim"].ravel().tolist() == env.final_goal["aim"].ravel().tolist() == [7.0] * 2
        starts = obs["start"]
        obs, _, done = env.step(action(2))
        assert not done.any() and obs["count"].ravel().tolist() == [1, 1]
        # The next episodes draw on from the rows' seeds, as a single environment does.
        single = make(CounterEnv)
        for row, seed in enumerate((4, 9)):
            single.seed(seed)
            single.reset()
            assert np.array_equal(single.reset()[0]["start"][0], starts[row])


def test_a_dead_worker_begins_again_by_itself():
    extra = {"auto_reset": True, "on_crash": "truncate", "num_workers": 2}
    with vector(SubprocVectorEnv, 2, extra) as env:
        env.seed(0)
        env.reset()
        env.step(action(2))
        os.kill(env.processes[0].pid, signal.SIGKILL)
        with pytest.warns(RuntimeWarning, match="rows 0..0.*SIGKILL"):
            obs, _, done = env.step(action(2))
        assert done.tolist() == env.failed.tolist() == [True, False]
        assert obs["count"].ravel().tolist() == [0, 2]
        assert env.final_obs["count"].ravel().tolist() == [1, 2]
        obs, _, done = env.step(action(2))
        assert obs["count"].ravel().tolist() == [1, 3] and not env.failed.any()


@pytest.mark.parametrize("cls", BOTH)
def test_steps_in_two_halves_and_calls(cls):
    with vector(cls) as env:
        env.reset()
        with pytest.raises(EnvError, match="step_wait"):
            env.step_wait()
        env.step_async(action())
        with pytest.raises(EnvError, match="twice"):
            env.step_async(action())
        assert env.step_wait()[0]["count"].ravel().tolist() == [1, 1, 1]
        assert env.call_sync("is_success", (), 1).tolist() == [True]
        env.step_async(action())
        obs, _ = env.reset()
        assert obs["count"].ravel().tolist() == [0, 0, 0]
        assert env.step(action())[0]["count"].ravel().tolist() == [1, 1, 1]


def midway(cls, **extra):
    """Four rows: two in the middle of an episode, one that is done, one that never began.

    With `auto_reset` three of them are at the start of their second episode, and the last one began
    by itself in the first step.
    """
    env = vector(cls, 4, extra, length=4, goals=True)
    env.reset_where(np.array([True, True, True, False]), [4, 9, 2, 0])
    for count in range(4):
        env.step(action(4, push=0.1 * count))
        if count == 1 and not extra:
            env.reset_where(np.array([True, True, False, False]), [5, 6, 0, 0])
    return env


@pytest.mark.parametrize("extra", [{}, {"auto_reset": True}], ids=["waiting", "auto_reset"])
@pytest.mark.parametrize("cls", BOTH)
def test_every_row_goes_on_from_a_saved_state(cls, extra):
    with midway(cls, **extra) as env, vector(cls, 4, extra, length=4, goals=True) as other:
        state = env.save_state()
        assert all(isinstance(leaf, np.ndarray) for leaf in state.leaf_values())
        kept = state.leaf_apply(np.copy)
        obs = other.restore_state(state)
        assert obs["count"].ravel().tolist() == ([0, 0, 0, 3] if extra else [2, 2, 4, 2])
        begun = slice(0, 4 if extra else 3)
        assert not obs["reward"].any() and not obs["truncated"].any()
        for _ in range(2):
            (ours, our_goal, our_done), theirs = env.step(action(4)), other.step(action(4))
            assert np.array_equal(our_done, theirs[2])
            for name in ("count", "start"):  # flags of the row that waits are down
                assert np.array_equal(ours[name][begun], theirs[0][name][begun]), name
            assert np.array_equal(our_goal["aim"], theirs[1]["aim"])
        assert np.array_equal(other.is_success(), env.is_success())
        obs, _ = other.reset_where(np.array([False, False, True, True]), [0, 0, 7, 7])
        assert obs["count"].ravel()[2:].tolist() == [0, 0]
        for name, leaf in state.leaf_items():
            assert np.array_equal(leaf, kept[name]), name


def test_states_go_from_one_vector_to_the_other():
    with (
        midway(SyncVectorEnv) as env,
        vector(SubprocVectorEnv, 4, {"num_workers": 2}) as other,
    ):
        other.restore_state(env.save_state())
        ours, theirs = env.step(action(4))[0], other.step(action(4))[0]
        for name in ("count", "start"):
            assert np.array_equal(ours[name][:3], theirs[name][:3])


@pytest.mark.parametrize("cls", BOTH)
def test_states_that_do_not_fit_are_refused(cls):
    with vector(cls, 2) as env:
        with pytest.raises(EnvError, match="call reset"):
            env.save_state()
        env.reset()
        state = env.save_state()
        env.step_async(action(2))
        with pytest.raises(EnvError, match="step_wait"):
            env.save_state()
        env.restore_state(state)  # ends that step first
        assert env.step(action(2))[0]["count"].ravel().tolist() == [1, 1]
        del state["rows"]
        with pytest.raises(EnvError, match="no row"):
            env.restore_state(state)
    with (
        vector(cls, 3) as env,
        pytest.raises(EnvError, match=r"save_state\(\) gave for 3 rows, got 2"),
    ):
        env.restore_state(state)


def test_rows_that_save_nothing_are_said_so():
    pytest.importorskip("gymnasium")
    group = AttrDict(cls="muse.envs.simple.gym.GymEnv", env_type="CartPole-v1")
    for cls in BOTH:
        with make(cls, AttrDict(num_envs=2, env=group)) as env:
            env.reset()
            assert not env.saves_state
            with pytest.raises(EnvError, match="cannot save"):
                env.save_state()

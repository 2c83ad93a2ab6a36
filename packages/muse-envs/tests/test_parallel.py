"""Rollouts over processes: independence of the workers, and one line for every failure."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from env_zoo import CounterEnv

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.parallel import Agent, Factory, agent_from_group, parallel_rollout
from muse.envs.rollout import RolloutError, rollout
from muse.envs.vector import WorkerCrashError
from muse.policies.random_policy import RandomPolicy

POINTS = AttrDict(num_obstacles=1, noise_std=0.002)
MAKE_POINTS = Factory(
    "muse.envs.env.make",
    {"env_cls": "muse.envs.simple.point_mass_env.PointMassEnv", "overrides": POINTS},
)
RANDOM = Factory(
    agent_from_group, {"policy": AttrDict(cls="muse.policies.random_policy.RandomPolicy")}
)
PUSH = Factory(agent_from_group, {"policy": AttrDict(cls="env_zoo.PushPolicy")})


def counter(**params):
    return Factory(make, {"env_cls": CounterEnv, "overrides": AttrDict(params)})


def fingerprint(episodes):
    return [
        (e.as_dict(), [v.tobytes() for v in e.data[0].leaf_values()], len(e.frames))
        for e in episodes
    ]


@pytest.fixture(scope="module")
def reference():
    with MAKE_POINTS() as env:
        policy = RandomPolicy(None, env.env_spec)
        return fingerprint(
            rollout(env, policy, seeds=range(7), max_steps=12, record=True, frames=3)
        )


@pytest.mark.parametrize(("workers", "rows"), [(0, 1), (0, 3), (1, 1), (2, 1), (2, 3), (5, 4)])
def test_results_do_not_depend_on_workers(reference, workers, rows):
    seen = []
    episodes = parallel_rollout(
        MAKE_POINTS,
        RANDOM,
        range(7),
        workers,
        envs_per_worker=rows,
        max_steps=12,
        record=True,
        frames=3,
        on_episode=seen.append,
    )
    assert fingerprint(episodes) == reference
    assert sorted(e.seed for e in seen) == list(range(7))


def test_a_failing_seed_is_named():
    with pytest.raises(RolloutError, match="seed 4, step 1: ValueError: the simulator fell") as e:
        parallel_rollout(counter(trouble="raise", trouble_seed=4), PUSH, range(6), 2)
    assert 4 in e.value.seeds and "\n" not in str(e.value)


def test_a_dead_worker_names_its_seed():
    with pytest.raises(WorkerCrashError, match="killed by SIGKILL while it ran seed 4"):
        parallel_rollout(counter(trouble="kill", trouble_seed=4), PUSH, range(6), 2)


def test_a_policy_that_cannot_be_built():
    bad = Factory(agent_from_group, {"policy": AttrDict(cls="env_zoo.PushPolicy", pusch=1)})
    with pytest.raises(EnvError, match="could not be set up: .*'pusch'"):
        parallel_rollout(counter(), bad, range(2), 1)


def test_what_cannot_be_sent_is_one_line():
    with pytest.raises(EnvError, match="importable") as e:
        parallel_rollout(counter(), Factory(lambda env: None), [1], 1)
    assert "\n" not in str(e.value)


def test_odd_arguments():
    assert parallel_rollout(counter(), PUSH, [], 2) == []
    with pytest.raises(EnvError, match="envs_per_worker=0"):
        parallel_rollout(counter(), PUSH, [1], 1, envs_per_worker=0)
    with pytest.raises(EnvError, match="workers=-1"):
        parallel_rollout(counter(), PUSH, [1], -1)


def test_a_factory_may_give_an_agent_or_a_policy():
    with make(CounterEnv) as env:
        assert isinstance(RANDOM(env), Agent)
    episodes = parallel_rollout(counter(), Factory(_bare_policy), [3], 0)
    assert episodes[0].length == 5


def test_workers_use_one_thread():
    before = os.environ.get("OMP_NUM_THREADS")
    (episode,) = parallel_rollout(Factory("env_zoo.env_of_threads"), PUSH, [0], 1)
    assert episode.length == 1
    assert os.environ.get("OMP_NUM_THREADS") == before


def test_ctrl_c_leaves_no_workers():
    helpers = os.path.join(os.path.dirname(__file__), "helpers")
    script = textwrap.dedent(
        f"""
        import sys; sys.path.insert(0, {helpers!r})
        from muse.core.attrdict import AttrDict
        from muse.envs.env import make
        from muse.envs.parallel import Factory, agent_from_group, parallel_rollout
        policy = Factory(agent_from_group, dict(policy=AttrDict(cls="env_zoo.PushPolicy")))
        env = Factory(make, dict(env_cls="env_zoo.CounterEnv", overrides=AttrDict(trouble="hang")))
        print("go", flush=True)
        try:
            parallel_rollout(env, policy, range(4), 2)
        except KeyboardInterrupt:
            import multiprocessing
            print("children", len(multiprocessing.active_children()), flush=True)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout.readline() == "go\n"
    time.sleep(2.0)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert out == "children 0\n" and "Traceback" not in err


def _bare_policy(env):
    return RandomPolicy(None, env.env_spec)

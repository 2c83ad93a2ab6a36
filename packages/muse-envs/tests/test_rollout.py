"""The rollout engine: what ends an episode, what is kept, independence of the batch size."""

from __future__ import annotations

import numpy as np
import pytest
from env_zoo import CounterEnv, CountingGoals, PushPolicy

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.rollout import RolloutError, rollout
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.vector import SubprocVectorEnv, SyncVectorEnv
from muse.policies.point_mass_expert import PointMassExpert
from muse.policies.random_policy import RandomPolicy

POINTS = AttrDict(num_obstacles=2, noise_std=0.002, target_speed=0.5)


def counter(rows: int = 1, **params):
    group = AttrDict(cls=CounterEnv) & AttrDict(params)
    return make(group) if rows == 1 else make(SyncVectorEnv, AttrDict(num_envs=rows, env=group))


def push(env, **params):
    return PushPolicy(AttrDict(params), env.env_spec)


def fingerprint(episodes):
    return [
        (
            e.as_dict(),
            [(k, v.tobytes()) for part in e.data for k, v in part.leaf_items()],
            [f.tobytes() for f in e.frames],
        )
        for e in episodes
    ]


@pytest.fixture(scope="module")
def reference():
    with make(PointMassEnv, POINTS) as env:
        return {policy: fingerprint(run(env, policy)) for policy in (PointMassExpert, RandomPolicy)}


def run(env, policy):
    chosen = policy(None, env.env_spec)
    return rollout(env, chosen, seeds=range(5, 16), record=True, frames=2, max_steps=30)


@pytest.mark.parametrize("policy", [PointMassExpert, RandomPolicy])
@pytest.mark.parametrize(
    ("cls", "rows", "extra"),
    [
        (SyncVectorEnv, 3, {}),
        (SyncVectorEnv, 8, {}),
        (SyncVectorEnv, 16, {}),
        (SubprocVectorEnv, 3, {}),
        (SubprocVectorEnv, 8, {"num_workers": 2}),
    ],
)
def test_results_do_not_depend_on_the_batch(reference, policy, cls, rows, extra):
    group = AttrDict(cls=PointMassEnv) & POINTS
    with make(cls, AttrDict(num_envs=rows, env=group, **extra)) as env:
        assert fingerprint(run(env, policy)) == reference[policy]


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_an_episode_ends_when_the_environment_does(rows):
    with counter(rows, length=4) as env:
        episodes = rollout(env, push(env), seeds=[3, 1, 2])
    assert [e.seed for e in episodes] == [3, 1, 2]
    for e in episodes:
        assert (e.length, e.terminated, e.truncated, e.success) == (4, True, False, True)
        assert (e.total_reward, e.max_reward, e.score) == (2.0, 0.5, 1.0)
        assert e.data is None and e.frames == []


@pytest.mark.parametrize("rows", [1, 2])
def test_max_steps_truncates_and_marks_the_data(rows):
    with counter(rows, length=50) as env:
        episodes = rollout(env, push(env), seeds=range(3), max_steps=3, record=True)
    for e in episodes:
        assert (e.length, e.terminated, e.truncated) == (3, False, True)
        assert e.data[1]["done"].tolist() == [False, False, True]
        assert e.data[1]["truncated"].ravel().tolist() == [False, False, True]
        assert not e.data[1]["terminated"].any()


def test_recorded_layout():
    with counter(2, length=3, goals=True) as env:
        spec = env.env_spec
        inputs, outputs = rollout(env, push(env), seeds=[0], record=True)[0].data
    assert inputs["count"].ravel().tolist() == [0, 1, 2]
    assert inputs["count"].dtype == np.int64
    assert inputs["push"].shape == (3, 1) and inputs["mode"].shape == (3, 1)
    assert inputs["aim"].shape == (3, 1)
    assert inputs["start"].shape == (1, 2)
    assert "plan" not in inputs
    assert outputs["reward"].ravel().tolist() == [0.5, 0.5, 0.5]
    assert outputs["done"].shape == (3, *spec.shape("done"))
    spec.check(inputs, [*spec.observation_names, *spec.action_names, *spec.goal_names])


def test_frames_of_the_first_episodes():
    with counter(2, length=3) as env:
        episodes = rollout(env, push(env), seeds=range(4), frames=2)
    assert [len(e.frames) for e in episodes] == [4, 4, 0, 0]
    assert [int(f[0, 0, 0]) for f in episodes[1].frames] == [0, 1, 2, 3]


def test_a_finished_policy_ends_the_episode_without_goal_policy():
    with counter(length=50) as env:
        (e,) = rollout(env, push(env, patience=4), seeds=[0])
    assert (e.length, e.truncated) == (4, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_goal_policy_is_asked_at_the_start_and_when_the_policy_is_finished(rows):
    with counter(rows, length=50, goals=True) as env:
        policy = push(env, patience=2)
        goals = CountingGoals(AttrDict(goals=3), env.env_spec)
        episodes = rollout(env, policy, seeds=range(4), goal_policy=goals, record=True)
    for e in episodes:
        # Goals 0 and 1 for two steps each; the third query exhausts the goal policy.
        assert e.data[0]["aim"].ravel().tolist() == [0.0, 0.0, 1.0, 1.0]
        assert (e.length, e.truncated) == (4, True)


def test_the_dummy_goal_policy_of_the_configs_ends_with_the_policy():
    with counter(length=50, goals=True) as env:
        goals = CountingGoals(AttrDict(goals=2), env.env_spec)
        (e,) = rollout(env, push(env, patience=3), seeds=[0], goal_policy=goals)
    assert (e.length, e.truncated) == (3, True)


def test_without_goal_policy_the_goal_is_the_environments():
    with counter(length=2, goals=True) as env:
        policy = push(env)
        rollout(env, policy, seeds=[0])
    assert policy.goals_seen[0]["aim"].item() == 7.0


def test_presets_reach_every_reset():
    with counter(2, length=5) as env:
        episodes = rollout(env, push(env), seeds=range(3), presets=AttrDict(count=2), record=True)
    assert all(e.data[0]["count"][0, 0] == 2 and e.length == 3 for e in episodes)


def test_on_episode_and_no_seeds():
    seen = []
    with counter(2) as env:
        episodes = rollout(env, push(env), seeds=range(3), on_episode=seen.append)
        assert rollout(env, push(env), seeds=[]) == []
    assert sorted(e.seed for e in seen) == [0, 1, 2] and seen[0] is episodes[0]


def test_an_env_can_be_used_again():
    with counter(3, length=4) as env:
        first = rollout(env, push(env), seeds=range(5), record=True)
        again = rollout(env, push(env), seeds=range(5), record=True)
    assert fingerprint(first) == fingerprint(again)


def test_failures_name_seed_and_step():
    env, message = counter(trouble="raise", trouble_seed=7), "seed 7, step 1: ValueError: the sim"
    with env, pytest.raises(RolloutError, match=message) as info:
        rollout(env, push(env), seeds=[5, 7])
    assert info.value.seeds == (7,)
    with counter() as env:
        with pytest.raises(RolloutError, match=r"'push'\[0, 0\] = 2.0"):
            rollout(env, push(env, push=2.0), seeds=[5])
        with pytest.raises(EnvError, match="max_steps=0"):
            rollout(env, push(env), seeds=[5], max_steps=0)


def test_final_names_are_kept_once_from_the_last_observation():
    spec = make(CounterEnv).env_spec.derive(
        observation_names=["start"], param_names=[], final_names=["count"]
    )
    env = make(CounterEnv, AttrDict(length=3), env_spec=spec)
    ((inputs, _),) = [e.data for e in rollout(env, push(env), seeds=[0], record=True)]
    assert inputs["count"].tolist() == [[3]] and inputs["start"].shape == (3, 2)

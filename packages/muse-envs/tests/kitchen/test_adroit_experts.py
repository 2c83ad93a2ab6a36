"""The scripted experts of the Adroit hand, and the hand they move."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import UsageError
from muse.core.params import import_object
from muse.core.policy import Policy
from muse.envs.catalogue.entry import Entry
from muse.envs.catalogue.kitchen import ENTRIES
from muse.envs.env import Env, make
from muse.envs.gym_robotics.adroit_env import TASKS
from muse.envs.rollout import rollout
from muse.policies.adroit_hand import AdroitHand, adroit_model

SOLVED = [entry for entry in ENTRIES if entry.name.startswith("adroit-") and entry.expert]
EACH = pytest.mark.parametrize("entry", SOLVED, ids=[entry.name for entry in SOLVED])
#: How far the grip is brought, m.
NEAR = 0.002


def _expert(entry: Entry, env: Env) -> Policy:
    assert entry.expert is not None
    return import_object(entry.expert)(entry.expert_params, env.env_spec)


@EACH
def test_the_expert_solves_it(entry: Entry) -> None:
    with make(entry.group()) as env:
        episodes = rollout(env, _expert(entry, env), seeds=range(2))
        assert all(episode.success for episode in episodes)


@EACH
def test_rows_are_independent_of_each_other(entry: Entry) -> None:
    group = entry.group(done_on_success=False)
    with make(group) as first, make(group) as second:
        expert = _expert(entry, first)
        together = expert.initial_memory(None, 2, seeds=[4, 5])
        apart = [expert.initial_memory(None, 1, seeds=[seed]) for seed in (4, 5)]
        seen = []
        for env, seed in ((first, 4), (second, 5)):
            env.seed(seed)
            seen.append(env.reset()[0])
        for _ in range(24):
            both = AttrDict.leaf_combine_and_apply(seen, np.concatenate)
            action, together = expert.get_action(None, both, AttrDict(), together)
            for row, env in enumerate((first, second)):
                alone, apart[row] = expert.get_action(None, seen[row], AttrDict(), apart[row])
                np.testing.assert_array_equal(alone["action"][0], action["action"][row])
                seen[row] = env.step(alone)[0]


def test_a_ball_that_is_lost_is_fetched_again() -> None:
    entry = next(entry for entry in SOLVED if entry.name == "adroit-relocate")
    with make(entry.group(max_steps=300)) as env:
        expert = _expert(entry, env)
        env.seed(0)
        obs, goal = env.reset()
        memory = expert.initial_memory(None, 1)
        for step in range(300):
            action, memory = expert.get_action(None, obs, goal, memory)
            obs, goal, done = env.step(action)
            if step == 80:  # out of the hand, to the table beside where it was
                env.simulator.data.qpos[-6:-3] = 0.1, 0.1, 0.0
                env.simulator.data.qvel[-6:] = 0.0
            if done[0]:
                break
        assert step > 140 and env.is_success()[0]


@EACH
def test_another_task_is_refused(entry: Entry) -> None:
    other = "pen" if entry.params["task"] != "pen" else "door"
    sizes = rf"\({TASKS[other].state},\).*\({TASKS[entry.params['task']].state},\)"
    with make(entry.group(task=other)) as env, pytest.raises(UsageError, match=sizes):
        _expert(entry, env)


@pytest.mark.parametrize("task, sideways", [("door", 0.05), ("relocate", -0.2)])
def test_the_hand_reaches_a_point_with_its_palm_down(task: str, sideways: float) -> None:
    with make("muse.envs.gym_robotics.adroit_env.AdroitEnv", {"task": task}) as env:
        hand = AdroitHand(adroit_model("a test", task, env.env_spec, None), (0.0, -0.05, 0.08))
    joints = np.zeros(hand.model.nq)
    point, down, ahead = np.array([sideways, 0.05, 0.12]), -np.eye(3)[2], np.eye(3)[1]
    for _ in range(10):
        joints[: hand.arm] = hand.reach(joints, point, down, ahead)
    hand.place(joints)
    low, high = hand.model.jnt_range[: hand.arm].T
    assert np.linalg.norm(hand.grip - point) < NEAR
    assert (joints[: hand.arm] >= low).all() and (joints[: hand.arm] <= high).all()
    assert -hand.data.body("palm").xmat.reshape(3, 3)[:, 1] @ down > 0.95

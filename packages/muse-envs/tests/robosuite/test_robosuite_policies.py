from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError, UsageError
from muse.core.policy import Policy
from muse.envs.env import make
from muse.envs.robosuite.robosuite_env import RobosuiteEnv
from muse.envs.rollout import rollout
from muse.envs.testing import check_policy
from muse.policies.robosuite_policies import PLANS, WaypointPolicy

pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")


def build(task: str, **params: Any) -> tuple[RobosuiteEnv, Policy]:
    env = make(
        RobosuiteEnv,
        AttrDict(env_name=task, hard_reset=False, parse_objects=task == "Wipe") & AttrDict(params),
    )
    assert isinstance(env, RobosuiteEnv)
    return env, WaypointPolicy(AttrDict(task=task), env.env_spec)


@pytest.mark.parametrize("task", PLANS)
def test_experts_solve_their_task(task: str) -> None:
    env, expert = build(task)
    with env:
        episodes = rollout(env, expert, seeds=[0])
        assert episodes[0].success


def test_the_wrench_stays_on_its_hook_and_the_hand_away() -> None:
    env, expert = build("ToolHang", done_on_success=False, max_steps=450)
    with env:
        env.seed(1)
        obs, goal = env.reset()
        memory, held = expert.initial_memory(None, 1), []
        for _ in range(450):
            action, memory = expert.get_action(None, obs, goal, memory)
            obs, goal, _ = env.step(action)
            held.append(bool(env.is_success()[0]))
        assert all(held[-20:])


def test_a_dropped_hammer_is_taken_again() -> None:
    env, expert = build("TwoArmTransport", parse_objects=True)
    with env:
        env.seed(0)
        places = env.reset()[0]["objects/position"][0].copy()
        places[1:] = [[0.2, 0.45, 0.84], [-0.2, -0.45, 0.82]]  # trash and lid are out of the way
        obs, goal = env.reset(AttrDict({"objects/position": places}))
        memory, done, open_steps = expert.initial_memory(None, 1), np.zeros(1, bool), 0
        while not done[0]:
            action, memory = expert.get_action(None, obs, goal, memory)
            lifted = obs["objects/position"][0, 0, 2] > 0.87
            if 0 < open_steps < 15 or (lifted and not open_steps):
                action.action[0, 6] = -1.0
                open_steps += 1
            obs, goal, done = env.step(action)
        assert open_steps == 15 and env.is_success()[0]


def test_an_expert_keeps_the_contract_of_policies() -> None:
    env, expert = build("Lift")
    with env:
        check_policy(expert, env, steps=10)


def test_rows_of_a_batch_do_not_touch_each_other() -> None:
    env, expert = build("Stack")
    with env:
        observed = []
        for seed in (0, 1):
            env.seed(seed)
            observed.append(env.reset()[0])
    both = AttrDict((k, np.concatenate([o[k] for o in observed])) for k in observed[0].leaf_keys())
    memory = expert.initial_memory(None, 2)
    together, after = expert.get_action(None, both, AttrDict(), memory)
    for row, obs in enumerate(observed):
        alone, _ = expert.get_action(None, obs, AttrDict(), expert.initial_memory(None, 1))
        np.testing.assert_array_equal(together.action[row], alone.action[0])
    assert memory.phase.tolist() == [-1, -1] and after.phase.tolist() == [0, 0]


def test_the_wiping_expert_asks_for_the_dirt() -> None:
    env, expert = build("Wipe", parse_objects=False)
    with env:
        obs, goal = env.reset()
        with pytest.raises(UsageError, match="parse_objects=True"):
            expert.get_action(None, obs, goal, expert.initial_memory(None, 1))


def test_a_task_without_a_plan_is_refused() -> None:
    env, _ = build("Lift")
    with env, pytest.raises(ParamError, match="PickPlaceCan"):
        WaypointPolicy(AttrDict(task="PickPlace"), env.env_spec)

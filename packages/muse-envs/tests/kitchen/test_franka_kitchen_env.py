from __future__ import annotations

import numpy as np
import pytest
from held_keys import HeldKeys

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.envs.env import make
from muse.envs.gym_robotics.franka_kitchen_env import (
    KITCHEN_TASKS,
    FrankaKitchenEnv,
    kitchen_goal,
)
from muse.envs.rollout import rollout
from muse.policies.kitchen_expert import KitchenExpert

STILL = AttrDict(action=np.zeros((1, 9), np.float32))
#: Where the things rest at a reset: the columns 9-29 of the state.
REST = np.array([0.0] * 14 + [-0.269, 0.35, 1.619, 1.006, 0.004, -0.0066, -0.0003])


def _objects(*done: str) -> np.ndarray:
    """Positions of the things with some subtasks done, (21,)."""
    things = REST.copy()
    for name in done:
        columns, goal = KITCHEN_TASKS[name]
        things[np.array(columns) - 9] = goal
    return things


def test_state_is_joints_things_and_goal() -> None:
    with make(FrankaKitchenEnv, {"robot_noise": 0.0, "object_noise": 0.0}) as env:
        obs, _ = env.reset()
        position = env.simulator.data.qpos
        np.testing.assert_array_equal(obs["state"][0, :30], position.astype(np.float32))
        np.testing.assert_array_equal(obs["state"][0, 30:], kitchen_goal(env.params.tasks))
        np.testing.assert_allclose(obs["state"][0, 9 + 14 : 30], REST[14:], atol=1e-3)


def test_the_goal_is_zero_where_nothing_is_asked() -> None:
    goal = kitchen_goal(["microwave"])
    assert goal[22] == pytest.approx(-0.75)
    assert np.count_nonzero(goal) == 1


@pytest.mark.parametrize("name", KITCHEN_TASKS)
def test_each_subtask_is_noticed_and_rewarded_once(name: str) -> None:
    with make(FrankaKitchenEnv, {"tasks": [name], "done_on_success": False}) as env:
        env.reset({"object_position": _objects(name)})
        rewards = [float(env.step(STILL)[0]["reward"][0, 0]) for _ in range(3)]
        assert rewards == [1.0, 0.0, 0.0]
        assert env.is_success()[0] and env.completed_tasks == [name]


def test_subtasks_that_were_not_asked_for_are_reported_apart() -> None:
    with make(FrankaKitchenEnv, {"tasks": ["microwave", "light switch"]}) as env:
        env.reset({"object_position": _objects("hinge cabinet", "microwave")})
        obs, _, done = env.step(STILL)
        assert env.completed_tasks == ["hinge cabinet", "microwave"]
        assert obs["completed"][0].sum() == 2
        assert obs["reward"][0, 0] == 1.0 and not done[0]
        assert env.score()[0] == 0.5 and not env.is_success()[0]


def test_the_episode_ends_with_the_last_subtask_and_forgets_it() -> None:
    with make(FrankaKitchenEnv, {"tasks": ["kettle"]}) as env:
        env.reset({"object_position": _objects("kettle")})
        obs, _, done = env.step(STILL)
        assert done[0] and obs["terminated"][0, 0]
        obs, _ = env.reset()
        assert not obs["completed"].any() and not env.is_success()[0]


def test_unknown_subtasks_are_refused() -> None:
    with pytest.raises(ParamError, match=r"tasks.*microwave"):
        make(FrankaKitchenEnv, {"tasks": ["oven"]})


@pytest.mark.parametrize(
    ("key", "axis", "sign"), [("w", 2, 1), ("left", 0, -1), ("up", 1, 1), ("down", 1, -1)]
)
def test_keys_move_the_hand(key: str, axis: int, sign: int) -> None:
    with make(FrankaKitchenEnv) as env:
        env.seed(0)
        obs, _ = env.reset()
        site = env.simulator.data.site("end_effector")
        before = site.xpos.copy()
        for _ in range(6):
            obs, _, _ = env.step(env.teleop_action(HeldKeys(key, "g"), obs))
        moved = site.xpos - before
        assert sign * moved[axis] > 0.05 and np.argmax(np.abs(moved)) == axis
        assert obs["state"][0, 7:9].max() < 0.02  # g closes the fingers


@pytest.mark.parametrize("name", KITCHEN_TASKS)
def test_the_expert_finishes_each_subtask_that_is_asked_for(name: str) -> None:
    with make(FrankaKitchenEnv, {"tasks": [name]}) as env:
        assert rollout(env, KitchenExpert({}, env.env_spec), seeds=[0])[0].success


def test_the_expert_finishes_all_seven() -> None:
    with make(FrankaKitchenEnv, {"tasks": list(KITCHEN_TASKS), "max_steps": 600}) as env:
        assert rollout(env, KitchenExpert({}, env.env_spec), seeds=[0])[0].success


def test_the_order_of_the_subtasks_can_be_set() -> None:
    tasks = ["light switch", "microwave"]
    with make(FrankaKitchenEnv, {"tasks": tasks}) as env:
        expert = KitchenExpert({"tasks": tasks}, env.env_spec)
        episode = rollout(env, expert, seeds=[0], record=True)[0]
        assert episode.success and episode.data is not None
        # Done at the last step of all, the second is not in an observation that was acted on.
        done = episode.data[0]["completed"].any(axis=0)
        assert [name for name, was in zip(KITCHEN_TASKS, done, strict=True) if was] == tasks[:1]

"""`FrankaKitchenEnv`: a Franka arm and seven things to do in a kitchen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, fraction
from muse.core.spec import EnvSpec
from muse.envs.env import Observation
from muse.envs.gym_robotics.kitchen_arm import AT_RESET, KitchenArm
from muse.envs.gym_robotics.robotics_env import (
    RoboticsEnv,
    SpecRow,
    find_robotics,
    robotics_spec_params,
)
from muse.envs.mujoco.camera import Viewpoint
from muse.envs.mujoco.hand_pose import FORWARD
from muse.envs.teleop.user_input import UserInput

#: Every subtask, in the order of `completed`: name -> (columns of `state`, where they must be).
KITCHEN_TASKS: Mapping[str, tuple[tuple[int, ...], tuple[float, ...]]] = {
    "bottom burner": ((11, 12), (-0.88, -0.01)),
    "top burner": ((15, 16), (-0.92, -0.01)),
    "light switch": ((17, 18), (-0.69, -0.05)),
    "slide cabinet": ((19,), (0.37,)),
    "hinge cabinet": ((20, 21), (0.0, 1.45)),
    "microwave": ((22,), (-0.75,)),
    "kettle": ((23, 24, 25, 26, 27, 28, 29), (-0.23, 0.75, 1.62, 0.99, 0.0, 0.0, -0.06)),
}
#: A subtask is done when its columns are nearer to their goal than this.
DONE_DISTANCE = 0.3
_ROBOT, _OBJECTS = 9, 21
#: Directions in the world of the keys that move the hand, and how far ahead they put its target, m.
_MOVES = {
    "w": np.array([0.0, 0.0, 1.0]),
    "s": np.array([0.0, 0.0, -1.0]),
    "left": np.array([-1.0, 0.0, 0.0]),
    "right": np.array([1.0, 0.0, 0.0]),
    "up": np.array([0.0, 1.0, 0.0]),
    "down": np.array([0.0, -1.0, 0.0]),
}
_TELEOP_STEP = 0.05


def _known_tasks(tasks: Sequence[str]) -> str | None:
    good = tasks and len(set(tasks)) == len(tasks) and all(t in KITCHEN_TASKS for t in tasks)
    return None if good else f"different names of {', '.join(KITCHEN_TASKS)}"


class FrankaKitchenEnv(RoboticsEnv):
    """Finish the subtasks `tasks`, in any order; 12.5 control steps a second.

    Observations (B = 1): `state` (B, 60), the numbers of D4RL's kitchen that goal-based
    pre-training uses: joints of the arm 0-8 (rad, fingers m), of the things 9-29, and the goal
    30-59, which is 0 where no subtask of this episode asks for anything; `joint_velocity` (B, 9);
    `object_velocity` (B, 20); `completed` (B, 7) bool, the subtasks of `KITCHEN_TASKS` finished in
    this episode, apart from those `tasks` asks for too. Action: `action` (B, 9), velocities of the
    joints, -1 to 1 for ±2 rad/s (m/s for the fingers).

    The reward is the number of subtasks of `tasks` that this step finished. Physics, goals and
    thresholds are those of gymnasium-robotics (Gupta et al. 2019, "Relay policy learning").
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "tasks",
            list[str],
            ["microwave", "kettle", "bottom burner", "light switch"],
            help="subtasks to finish",
            check=_known_tasks,
        ),
        Param("robot_noise", float, 0.01, check=fraction,
              help="share of the noise amplitudes of the arm in observations; D4RL had 0.1"),
        Param("object_noise", float, 0.0005, check=fraction,
              help="the same of the things"),
    )  # fmt: skip
    preset_names = ("joint_position", "object_position")
    success_rule = "every subtask of `tasks` has been finished"
    teleop_keys: ClassVar[Mapping[str, str]] = {
        "w": "hand up",
        "s": "hand down",
        "left": "hand left",
        "right": "hand right",
        "up": "hand forward",
        "down": "hand back",
        "g": "close the fingers while held",
    }
    viewpoint = Viewpoint((-0.2, 0.5, 2.0), 2.2, 70.0, -35.0)

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._raw: np.ndarray = np.zeros(0, np.float32)
        self._goal = kitchen_goal(self.params.tasks)
        self._completed = np.zeros(len(KITCHEN_TASKS), bool)
        self._arm: KitchenArm | None = None

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        anywhere = (-math.inf, math.inf)
        rows: list[SpecRow] = [
            ("state", (60,), anywhere, "float32"),
            ("joint_velocity", (_ROBOT,), anywhere, "float32"),
            ("object_velocity", (_OBJECTS - 1,), anywhere, "float32"),
            ("completed", (len(KITCHEN_TASKS),), (False, True), "bool"),
        ]
        return robotics_spec_params(env_params, rows, _ROBOT)

    @property
    def completed_tasks(self) -> list[str]:
        """The subtasks finished in this episode, asked for or not."""
        return [name for name, done in zip(KITCHEN_TASKS, self._completed, strict=True) if done]

    def score(self) -> np.ndarray:
        """Return the share of `tasks` that is finished, (B,)."""
        return np.array([self._wanted_done() / len(self.params.tasks)])

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action that moves the hand as the keys say, its pose kept, (1, 9)."""
        if self._arm is None:
            self._arm = KitchenArm("FrankaKitchenEnv")
        self._arm.place(np.asarray(obs["state"][0, :30], np.float64))
        moves = [_MOVES[key] for key in _MOVES if user_input.is_down(key)]
        step = _TELEOP_STEP * np.sum([np.zeros(3), *moves], axis=0)
        velocities = self._arm.velocities(self._arm.hand + step, FORWARD, AT_RESET) / 2.0
        grip = -1.0 if user_input.is_down("g") else 1.0
        action = np.clip([[*velocities, grip, grip]], -1, 1)
        return AttrDict(action=action.astype(np.float32))

    def _make_simulator(self) -> Any:
        kitchen = find_robotics("FrankaKitchenEnv", "franka_kitchen.KitchenEnv")
        return kitchen(
            tasks_to_complete=list(KITCHEN_TASKS),
            terminate_on_tasks_completed=False,
            robot_noise_ratio=self.params.robot_noise,
            object_noise_ratio=self.params.object_noise,
        )

    def _owners(self) -> Sequence[Any]:
        return (self._simulator, self._simulator.robot_env)

    def _reset(self, presets: AttrDict) -> tuple[AttrDict, AttrDict]:
        self._completed[:] = False
        return super()._reset(presets)

    def _place(self, presets: AttrDict) -> Any:
        robot = self._simulator.robot_env
        position = robot.data.qpos.copy()
        if "joint_position" in presets:
            position[:_ROBOT] = self._preset(presets, "joint_position", _ROBOT)
        if "object_position" in presets:
            position[_ROBOT:] = self._preset(presets, "object_position", _OBJECTS)
        robot.set_state(position, np.zeros_like(robot.data.qvel))
        return self._simulator._get_obs(robot._get_obs())

    def _observe_task(self, raw: Any) -> AttrDict:
        numbers = self._raw = np.array(raw["observation"], np.float32)
        joints, joint_velocity = numbers[:9], numbers[9:18]
        things, thing_velocity = numbers[18:39], numbers[39:]
        return AttrDict(
            state=np.concatenate([joints, things, self._goal])[None],
            joint_velocity=joint_velocity[None],
            object_velocity=thing_velocity[None],
            completed=self._completed[None].copy(),
        )

    def _judge(self, raw: Any, reward: float, info: Mapping[str, Any]) -> tuple[float, bool]:
        before = self._wanted_done()
        position = self._simulator.data.qpos
        for i, (columns, goal) in enumerate(KITCHEN_TASKS.values()):
            distance = np.linalg.norm(position[list(columns)] - goal)
            self._completed[i] |= bool(distance < DONE_DISTANCE)
        now = self._wanted_done()
        return float(now - before), now == len(self.params.tasks)

    def _wanted_done(self) -> int:
        return sum(name in self.params.tasks for name in self.completed_tasks)

    def _episode_state(self) -> AttrDict:
        # The next command builds on the noisy joint positions of the last observation.
        return AttrDict(
            completed=self._completed.copy(),
            observation=self._raw.copy(),
            commanded_from=self._simulator.robot_env._last_robot_qpos.copy(),
        )

    def _go_to_episode(self, state: AttrDict) -> Any:
        self._completed = np.array(state["completed"], bool)
        self._simulator.robot_env._last_robot_qpos = np.array(state["commanded_from"])
        return {"observation": state["observation"]}


def kitchen_goal(tasks: Sequence[str]) -> np.ndarray:
    """Return the goal half of `state` for these subtasks, (30,) float32."""
    goal = np.zeros(_ROBOT + _OBJECTS, np.float32)
    for name in tasks:
        columns, values = KITCHEN_TASKS[name]
        goal[list(columns)] = values
    return goal

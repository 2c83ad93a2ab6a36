"""One block on a table, and a Panda to handle it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, fraction, non_negative, positive
from muse.core.spec import EnvSpec
from muse.envs.bullet_envs.block3d.block_spec import block_spec_params
from muse.envs.bullet_envs.block3d.layout import DIRECTIONS, TABLE, Area
from muse.envs.bullet_envs.block3d.shapes import (
    DARK_WOOD,
    MUG_DIAMETER,
    WOOD,
    add_block,
    add_box,
    add_floor,
    add_mug,
    add_scenery,
)
from muse.envs.bullet_envs.block3d.success_metrics import block3d_success_metrics
from muse.envs.bullet_envs.robot_bullet_env import RobotBulletEnv, row
from muse.envs.bullet_envs.robot_spec import Workspace
from muse.envs.env import Goal, Observation

#: How far an object is to be pushed, pulled or carried, m, and turned, rad.
TASK_DISTANCE, TASK_TURN = 0.1, np.pi / 4
#: Tasks of an object on a table.
TABLE_TASKS = (
    *(f"{verb}_{way}" for verb in ("push", "pull", "lift") for way in DIRECTIONS),
    "lift_up",
    "top_rot_left",
    "top_rot_right",
)
_START_DRAWS = 1000
#: Size of a mug as shares of its height.
_MUG_SHAPE = np.array([MUG_DIAMETER, MUG_DIAMETER, 1.0])


def _range_of_two(value: list[float]) -> str | None:
    return None if len(value) == 2 and 0 < value[0] <= value[1] else "two numbers, 0 < low <= high"


class BlockEnv3D(RobotBulletEnv):
    """One object on a table; actions and observations of the arm as in `RobotBulletEnv`.

    Observations of the object (B = 1, one object): `objects/position` (B, 1, 3) m,
    `objects/orientation_eul` (B, 1, 3) rad, `objects/velocity`, `objects/angular_velocity`
    (B, 1, 3), `objects/aabb` (B, 1, 6), low and high corner, `objects/contact` (B, 1) 1 while the
    robot touches it; once an episode `objects/size` (B, 1, 3), its edges.

    With a `task`, the name of a play primitive, `reset` and `step` give a goal beside the
    observation, `goal/objects/position` and `goal/objects/orientation_eul` (B, 1, 3): the pose to
    bring the object to. The reward is 1 where `block3d_success_metrics` counts a success, else 0.
    Without a task it is 0 throughout, and there is no goal.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("task", str | None, "lift_up", "the play primitive to carry out; None to play freely",
              choices=(*TABLE_TASKS, None)),
        Param("done_on_success", bool, True, "end the episode when the task succeeds"),
        Param("max_steps", int | None, 150, "steps until the episode is cut off; None for never",
              "steps", check=positive),
        Param("object_spec", list[str], ["block"], "the object: ['block'] or ['mug']",
              check=lambda v: None if v in (["block"], ["mug"]) else "['block'] or ['mug']"),
        Param("object_size", list[float], [0.025, 0.055], "range of each edge of a block", "m",
              check=_range_of_two),
        Param("object_mass", list[float], [0.05, 0.15], "range of the mass", "kg",
              check=_range_of_two),
        Param("mug_scale", list[float], [0.05, 0.09], "range of the height of a mug", "m",
              check=_range_of_two),
        Param("start_share", float, 0.7, "share of the table's sides that objects start within",
              check=fraction),
        Param("start_yaw", float, 45.0, "greatest turn of an object at the start", "deg",
              check=non_negative),
        Param("ee_start_height", float, 0.35, "height of the tool's drawn starts above the table",
              "m", check=positive),
    )  # fmt: skip
    preset_names: ClassVar[tuple[str, ...] | None] = (
        "joint_positions",
        "ee_position",
        "ee_orientation_eul",
        "objects/position",
        "objects/orientation",
        "objects/orientation_eul",
        "objects/size",
        "objects/mass",
    )
    workspace: ClassVar[Workspace] = ((0.28, -0.3, 0.012), (0.7, 0.3, 0.36))
    #: Where the object lies.
    table: ClassVar[Area] = TABLE

    def __init__(self, params: AttrDict | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        task = self.params.task
        if task is not None:
            self.success_rule = f"{task}: the object is brought to the goal"
        self._size, self._mass = np.zeros(3), 0.0
        self._succeeded, self._best = False, 0.0

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        return block_spec_params(env_params, BlockEnv3D.workspace)

    # ---- the contract ------------------------------------------------------------------------

    def is_success(self) -> np.ndarray:
        return np.array([self._succeeded])

    def score(self) -> np.ndarray:
        """Return the best score of the episode so far by `block3d_success_metrics`, (B,)."""
        return np.array([self._best])

    # ---- an episode begins -------------------------------------------------------------------

    def pre_reset(self, presets: AttrDict) -> None:
        self._succeeded, self._best, self._goal = False, 0.0, AttrDict()
        # Drawn whether used or not: a preset leaves the rest of the episode as it was.
        self._size, self._mass = self._draw_size(), self.rng.uniform(*self.params.object_mass)
        size = self._preset(presets, "objects/size", (3,))
        mass = self._preset(presets, "objects/mass", (1,))
        if size is not None:
            self._size = self._checked_size(size)
        if mass is not None:
            self._mass = float(mass[0])

    def _draw_size(self) -> np.ndarray:
        if self.params.object_spec == ["mug"]:
            return self.rng.uniform(*self.params.mug_scale) * _MUG_SHAPE
        low, high = self.params.object_size
        return self.rng.uniform(low, high, 3)

    def _checked_size(self, size: np.ndarray) -> np.ndarray:
        mug = self.params.object_spec == ["mug"]
        if (size <= 0).any() or (mug and not np.allclose(size, size[2] * _MUG_SHAPE, rtol=1e-3)):
            raise EnvError(
                f"{type(self).__name__}: preset objects/size={size.tolist()} is not allowed: "
                f"expected numbers > 0{f', in proportion {_MUG_SHAPE.tolist()}' if mug else ''}"
            )
        return size

    def _load_assets(self) -> None:
        self._load_furniture()
        if self.params.object_spec == ["mug"]:
            self.object: int = add_mug(self.bullet, float(self._size[2]), self._mass)
        else:
            self.object = add_block(self.bullet, self._size, self._mass)

    def _load_furniture(self) -> None:
        """Put in everything but the robot and the object."""
        add_floor(self.bullet)
        (x, y), (half_x, half_y) = TABLE.middle, TABLE.half
        # The robot stands on it too.
        far = x + half_x + 0.08
        middle = 0.5 * (far - 0.2)
        add_box(self.bullet, [far - middle, half_y + 0.15, 0.02], [middle, y, -0.02], WOOD)
        trunk = [0.9 * (far - middle), 0.9 * half_y, 0.18]
        add_scenery(self.bullet, trunk, [middle, y, -0.22], DARK_WOOD)

    def reset_assets(self, presets: AttrDict) -> None:
        position, euler = self._draw_object_start()
        given = self._preset(presets, "objects/position", (3,))
        turned = self._preset(presets, "objects/orientation_eul", (3,))
        quaternion = self._preset(presets, "objects/orientation", (4,))
        if turned is not None:
            euler = turned
        if quaternion is None:
            quaternion = self.bullet.getQuaternionFromEuler(euler)
        self.bullet.resetBasePositionAndOrientation(
            self.object, position if given is None else given, quaternion
        )

    def _draw_object_start(self) -> tuple[np.ndarray, np.ndarray]:
        """Return a pose, (3,) and Euler angles (3,), from which the task can be carried out."""
        for _ in range(_START_DRAWS):
            position, euler = self._draw_pose()
            if self.params.task is None:
                return position, euler
            goal, _ = self._goal_pose(self.params.task, position, euler)
            if self._goal_fits(goal):
                return position, euler
        raise EnvError(
            f"{type(self).__name__}: no start leaves room for {self.params.task!r}; "
            f"raise start_share={self.params.start_share}"
        )

    def _draw_pose(self) -> tuple[np.ndarray, np.ndarray]:
        """Return a pose of the object at rest on the table."""
        place = self.table.part(self.params.start_share).draw(self.rng)
        yaw = np.deg2rad(self.params.start_yaw) * self.rng.uniform(-1.0, 1.0)
        height = self.table.height + 0.5 * self._size[2]
        return np.array([*place, height]), np.array([0.0, 0.0, yaw])

    def _draw_start(self) -> tuple[np.ndarray, np.ndarray]:
        place = self.table.part(self.params.start_share).draw(self.rng)
        yaw = self.rng.uniform(-np.pi / 4, np.pi / 4)
        height = self.table.height + self.params.ee_start_height
        return np.array([*place, height]), np.array([0.0, 0.0, yaw])

    # ---- the task ----------------------------------------------------------------------------

    def _goal_pose(
        self, task: str, position: np.ndarray, euler: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return where `task` brings an object that starts at a pose, (3,) and (3,)."""
        verb, _, way = task.rpartition("_")
        goal, turned = position.copy(), euler.copy()
        if verb == "top_rot":
            turned[2] += TASK_TURN if way == "left" else -TASK_TURN
        elif task == "lift_up":
            goal[2] += TASK_DISTANCE
        elif way in DIRECTIONS and verb in ("push", "pull", "lift"):
            goal[:2] += TASK_DISTANCE * DIRECTIONS[way]
        return goal, turned

    def _goal_fits(self, goal: np.ndarray) -> bool:
        return self.table.part(0.9).holds(goal)

    def _begin_task(self) -> None:
        if self.params.task is not None:
            self._goal = self._make_goal(self.params.task)

    def _make_goal(self, task: str) -> AttrDict:
        """Return the goal, leaves (1, ...), of a task that starts now."""
        position, quaternion = self.bullet.getBasePositionAndOrientation(self.object)
        euler = self.bullet.getEulerFromQuaternion(quaternion)
        goal, turned = self._goal_pose(task, np.array(position), np.array(euler))
        turned = (turned + np.pi) % (2.0 * np.pi) - np.pi
        return AttrDict.from_kvs(
            ["goal/objects/position", "goal/objects/orientation_eul"],
            [goal[None, None].astype(np.float32), turned[None, None].astype(np.float32)],
        )

    def _judge_task(self, obs: AttrDict) -> tuple[float, bool]:
        if self.params.task is None:
            return 0.0, False
        now = block3d_success_metrics(self.params.task, obs, self._goal)
        success = bool(now.success[0])
        # Success is kept: what happens after it does not undo it.
        self._succeeded = self._succeeded or success
        self._best = max(self._best, float(now.score[0]))
        return float(success), success and bool(self.params.done_on_success)

    # ---- what is seen ------------------------------------------------------------------------

    def _get_obs(self) -> AttrDict:
        bullet, body = self.bullet, self.object
        position, quaternion = bullet.getBasePositionAndOrientation(body)
        velocity, spin = bullet.getBaseVelocity(body)
        low, high = bullet.getAABB(body)
        obs = super()._get_obs()
        obs["objects/position"] = row([position])
        obs["objects/orientation_eul"] = row([bullet.getEulerFromQuaternion(quaternion)])
        obs["objects/velocity"] = row([velocity])
        obs["objects/angular_velocity"] = row([spin])
        obs["objects/aabb"] = row([(*low, *high)])
        obs["objects/contact"] = row([body in self._touched_bodies])
        obs["objects/size"] = row([self._size])
        return obs

    def _is_healthy(self) -> bool:
        position, quaternion = self.bullet.getBasePositionAndOrientation(self.object)
        return bool(np.isfinite(position + quaternion).all()) and super()._is_healthy()

    # ---- saving ------------------------------------------------------------------------------

    def _read_state(self) -> AttrDict:
        state = super()._read_state()
        pose = self.bullet.getBasePositionAndOrientation(self.object)
        state["object"] = np.array([*pose[0], *pose[1]])
        state["object_velocity"] = np.array(self.bullet.getBaseVelocity(self.object))
        state["object_contact"] = np.array(self.object in self._touched_bodies)
        state["size"], state["mass"] = self._size.copy(), np.array(self._mass)
        state["goal"] = self._goal.copy()
        state["succeeded"], state["best"] = np.array(self._succeeded), np.array(self._best)
        return state

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        self._size, self._mass = np.array(state["size"]), float(state["mass"])
        self._goal = state["goal"].copy() if "goal" in state else AttrDict()
        self._succeeded, self._best = bool(state["succeeded"]), float(state["best"])
        return super()._restore_state(state)

    def _restore_assets(self, state: AttrDict) -> None:
        pose = state["object"]
        self.bullet.resetBasePositionAndOrientation(self.object, pose[:3], pose[3:])
        self.bullet.resetBaseVelocity(self.object, *state["object_velocity"].tolist())
        self._touched_bodies = {self.object} if state["object_contact"] else set()

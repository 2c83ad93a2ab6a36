"""A desk with a drawer, a cabinet and a block to play with."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.core.spec import EnvSpec
from muse.envs.bullet_envs.block3d.block_env_3d import TABLE_TASKS, BlockEnv3D
from muse.envs.bullet_envs.block3d.layout import (
    CABINET,
    CABINET_TRAVEL,
    DESK,
    DESK_HEIGHT,
    DRAWER,
    DRAWER_TRAVEL,
    Area,
    cabinet_handle,
    drawer_handle,
)
from muse.envs.bullet_envs.block3d.playroom_spec import playroom_spec_params
from muse.envs.bullet_envs.block3d.shapes import STEEL, add_floor, add_scenery
from muse.envs.bullet_envs.block3d.tether import Tether
from muse.envs.bullet_envs.panda import FINGERS
from muse.envs.bullet_envs.robot_bullet_env import row
from muse.envs.bullet_envs.robot_spec import Workspace
from muse.envs.bullet_envs.simulator import ASSETS

#: Joints of the furniture: drawer, then cabinet door; how far they open and what holds them.
_JOINTS = ("drawer", "cabinet")
_TRAVEL = np.array([DRAWER_TRAVEL, CABINET_TRAVEL])
_FRICTION = (1.5, 0.08)
#: Normalised opening below which something counts as closed.
CLOSED_BELOW = 0.1
PLAYROOM_TASKS = (
    *TABLE_TASKS,
    *(f"{joint}_{what}" for joint in _JOINTS for what in ("open", "close")),
    *(f"move_{way}_{joint}" for way in ("to", "from") for joint in _JOINTS),
)


class DrawerPlayroomEnv3D(BlockEnv3D):
    """The block of `BlockEnv3D` on a desk with a drawer and an open-topped cabinet with a door.

    Observed besides, B = 1: `drawer/joint_position` (B, 1), 0 to 0.194 m,
    `drawer/joint_position_normalized` (B, 1), 1 for open, `drawer/joint_velocity` (B, 1),
    `drawer/closed` (B, 1), 1 when the normalised position is below 0.1, and
    `drawer/handle_position` (B, 3), where a hand grips it; `cabinet/...` the same in rad, 0 to
    pi/2 - 0.1. With a task the goal also holds `goal/drawer/joint_position` and
    `goal/cabinet/joint_position` (B, 1).

    A block that comes to lie in the drawer is tethered there, so that it goes along with it, until
    a finger touches it.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("task", str | None, "drawer_open",
              "the play primitive to carry out; None to play freely",
              choices=(*PLAYROOM_TASKS, None)),
        Param("random_snap", bool, True, "drawer and cabinet start open or shut by chance; False: "
              "shut. What the task needs goes first"),
        Param("object_start_in_dcab", bool, False, "the object starts in drawer or cabinet"),
        Param("debug_cam_dist", float, 1.5, "distance of the camera", "m"),
        Param("debug_cam_yaw", float, 40.0, "direction of the camera", "deg"),
        Param("debug_cam_pitch", float, -33.0, "slope of the camera", "deg"),
        Param("debug_cam_target_pos", list[float], [0.38, 0.0, 0.08], "middle of the picture", "m"),
    )  # fmt: skip
    preset_names: ClassVar[tuple[str, ...] | None] = (
        *(BlockEnv3D.preset_names or ()),
        "drawer/joint_position",
        "cabinet/joint_position",
    )
    workspace: ClassVar[Workspace] = ((0.25, -0.33, -0.125), (0.72, 0.39, 0.32))
    table: ClassVar[Area] = DESK

    def __init__(self, params: AttrDict | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        task = self.params.task
        if task is not None and task.startswith(_JOINTS):
            self.success_rule = f"{task}: the joint is brought to the goal"

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        return playroom_spec_params(env_params, DrawerPlayroomEnv3D.workspace, buttons=False)

    # ---- an episode begins -------------------------------------------------------------------

    def pre_reset(self, presets: AttrDict) -> None:
        super().pre_reset(presets)
        snapped = self.rng.random(2) < 0.5
        opened = snapped if self.params.random_snap else np.zeros(2, bool)
        #: Openings at the start, m and rad.
        self._openings = np.where(opened, _TRAVEL, 0.0)
        task = self.params.task or ""
        inside = int(self.rng.integers(2)) if self.params.object_start_in_dcab else None
        for i, joint in enumerate(_JOINTS):
            if task == f"{joint}_open":
                self._openings[i] = 0.0
            elif task == f"{joint}_close" or task.endswith((f"to_{joint}", f"from_{joint}")):
                self._openings[i] = _TRAVEL[i]
            if task == f"move_from_{joint}":
                inside = i
            elif task.startswith("move_to"):
                inside = None
            given = self._preset(presets, f"{joint}/joint_position", (1,))
            if given is not None:
                self._openings[i] = given[0]
        #: In which of `_JOINTS` the object starts; None for on the desk.
        self._inside = inside

    def _load_furniture(self) -> None:
        add_floor(self.bullet)
        add_scenery(self.bullet, [0.11, 0.11, 0.2], [-0.03, 0.0, -0.2], STEEL)
        self.furniture: int = self.bullet.loadURDF(
            str(ASSETS / "playroom.urdf"),
            basePosition=[0.0, 0.0, DESK_HEIGHT],
            useFixedBase=True,
            flags=self.bullet.URDF_USE_INERTIA_FROM_FILE,
        )
        for joint, friction in enumerate(_FRICTION):
            self.bullet.changeDynamics(self.furniture, joint, lateralFriction=0.6)
            self.bullet.setJointMotorControl2(
                self.furniture,
                joint,
                self.bullet.VELOCITY_CONTROL,
                targetVelocity=0.0,
                force=friction,
            )
        self.bullet.changeDynamics(self.furniture, -1, lateralFriction=0.6)

    def reset_assets(self, presets: AttrDict) -> None:
        for joint, opening in enumerate(self._openings):
            self.bullet.resetJointState(self.furniture, joint, opening, 0.0)
        super().reset_assets(presets)
        self._tether = Tether(self.bullet, self.furniture, 0, self.object)

    def _draw_pose(self) -> tuple[np.ndarray, np.ndarray]:
        position, euler = super()._draw_pose()
        if self._inside is None:
            return position, euler
        floor = self._floor(self._inside)
        position[:2] = floor.part(0.25).draw(self.rng)
        position[2] = floor.height + 0.5 * self._size[2]
        # Along the walls, so that the hand finds room between them.
        return position, euler * 0.3

    def _floor(self, joint: int) -> Area:
        """Return the inside of drawer (0) or cabinet (1) as it is at the start."""
        if joint == 1:
            return CABINET
        x, y = DRAWER.middle
        return Area((x - self._openings[0], y), DRAWER.half, DRAWER.height)

    # ---- the task ----------------------------------------------------------------------------

    def _goal_pose(
        self, task: str, position: np.ndarray, euler: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        place, half_height = None, 0.5 * self._size[2]
        if task.startswith("move_from"):
            place = DESK
        elif task.startswith("move_to"):
            place = self._floor(_JOINTS.index(task.removeprefix("move_to_")))
        if place is not None:
            return np.array([*place.middle, place.height + half_height]), euler.copy()
        return super()._goal_pose(task, position, euler)

    def _goal_fits(self, goal: np.ndarray) -> bool:
        task = self.params.task or ""
        # Only what lies on the desk is carried about on it.
        if self._inside is not None or task.startswith("move"):
            return True
        # The desk is hardly deeper than an object is moved, so a goal may lie at its edges.
        depth, width = self.table.half
        return Area(self.table.middle, (depth, 0.9 * width)).holds(goal)

    def _make_goal(self, task: str) -> AttrDict:
        goal = super()._make_goal(task)
        for i, joint in enumerate(_JOINTS):
            wanted = self._openings[i]
            if task.startswith(joint):
                wanted = _TRAVEL[i] if task.endswith("open") else 0.0
            goal[f"goal/{joint}/joint_position"] = row([wanted])
        return goal

    # ---- what is seen ------------------------------------------------------------------------

    def _sense(self) -> None:
        super()._sense()
        pressed = self.bullet.getContactPoints(bodyA=self.robot.body, bodyB=self.object)
        self._tether.update(any(c[3] in FINGERS and c[9] > 0.0 for c in pressed))

    def _get_obs(self) -> AttrDict:
        obs = super()._get_obs()
        states = self.bullet.getJointStates(self.furniture, (0, 1))
        handles = (drawer_handle(states[0][0]), cabinet_handle(states[1][0]))
        for name, travel, state, handle in zip(_JOINTS, _TRAVEL, states, handles, strict=True):
            share = min(max(state[0] / travel, 0.0), 1.0)
            obs[f"{name}/joint_position"] = row([state[0]])
            obs[f"{name}/joint_position_normalized"] = row([share])
            obs[f"{name}/joint_velocity"] = row([state[1]])
            obs[f"{name}/closed"] = row([share < CLOSED_BELOW])
            obs[f"{name}/handle_position"] = row(handle)
        return obs

    def _is_healthy(self) -> bool:
        states = self.bullet.getJointStates(self.furniture, (0, 1))
        return bool(np.isfinite([s[:2] for s in states]).all()) and super()._is_healthy()

    # ---- saving ------------------------------------------------------------------------------

    def _read_state(self) -> AttrDict:
        state = super()._read_state()
        states = self.bullet.getJointStates(self.furniture, (0, 1))
        state["furniture"] = np.array([s[:2] for s in states])
        state["openings"] = self._openings.copy()
        state["tether"] = self._tether.read()
        return state

    def _restore_assets(self, state: AttrDict) -> None:
        super()._restore_assets(state)
        self._openings = np.array(state["openings"])
        for joint, (position, velocity) in enumerate(state["furniture"]):
            self.bullet.resetJointState(self.furniture, joint, position, velocity)
        self._tether = Tether(self.bullet, self.furniture, 0, self.object)
        self._tether.restore(state["tether"])

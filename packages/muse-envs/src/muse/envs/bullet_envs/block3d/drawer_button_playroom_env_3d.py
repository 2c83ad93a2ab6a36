"""The playroom with three buttons on the desk."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.envs.bullet_envs.block3d.drawer_playroom_env_3d import (
    PLAYROOM_TASKS,
    DrawerPlayroomEnv3D,
)
from muse.envs.bullet_envs.block3d.layout import BUTTON_TRAVEL, BUTTONS, DESK_HEIGHT
from muse.envs.bullet_envs.block3d.playroom_spec import playroom_spec_params
from muse.envs.bullet_envs.block3d.success_metrics import PRESSED_AT
from muse.envs.bullet_envs.robot_bullet_env import row
from muse.envs.bullet_envs.simulator import ASSETS

BUTTON_TASKS = tuple(f"press_button_{i}" for i in range(len(BUTTONS)))
#: Joints of the buttons, and the force that lifts one, N.
_JOINTS, _SPRING = (0, 1, 2), 2.0


class DrawerButtonPlayroomEnv3D(DrawerPlayroomEnv3D):
    """`DrawerPlayroomEnv3D` with three buttons: `buttons/joint_position` (B, 3), 0 to -0.015 m,
    `buttons/position` (B, 3, 3), their tops, and `buttons/pressed` (B, 3), 1 from -0.01 m on.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("task", str | None, "press_button_0",
              "the play primitive to carry out; None to play freely",
              choices=(*PLAYROOM_TASKS, *BUTTON_TASKS, None)),
    )  # fmt: skip

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        workspace = DrawerButtonPlayroomEnv3D.workspace
        return playroom_spec_params(env_params, workspace, buttons=True)

    def _load_furniture(self) -> None:
        super()._load_furniture()
        self.buttons: int = self.bullet.loadURDF(
            str(ASSETS / "buttons.urdf"),
            basePosition=[0.0, 0.0, DESK_HEIGHT],
            useFixedBase=True,
            flags=self.bullet.URDF_USE_INERTIA_FROM_FILE,
        )
        for joint in _JOINTS:
            # They go down into the desk.
            self.bullet.setCollisionFilterPair(self.buttons, self.furniture, joint, -1, 0)
            self.bullet.setJointMotorControl2(
                self.buttons,
                joint,
                self.bullet.POSITION_CONTROL,
                targetPosition=0.0,
                force=_SPRING,
            )

    def _make_goal(self, task: str) -> AttrDict:
        goal = super()._make_goal(task)
        wanted = [-BUTTON_TRAVEL if task == name else 0.0 for name in BUTTON_TASKS]
        goal["goal/buttons/joint_position"] = row(wanted)
        return goal

    def _get_obs(self) -> AttrDict:
        obs = super()._get_obs()
        heights = np.array([s[0] for s in self.bullet.getJointStates(self.buttons, _JOINTS)])
        tops = BUTTONS.copy()
        tops[:, 2] += heights
        obs["buttons/joint_position"] = row(heights)
        obs["buttons/position"] = row(tops)
        obs["buttons/pressed"] = row(heights <= PRESSED_AT)
        return obs

    def _read_state(self) -> AttrDict:
        state = super()._read_state()
        states = self.bullet.getJointStates(self.buttons, _JOINTS)
        state["buttons"] = np.array([s[:2] for s in states])
        return state

    def _restore_assets(self, state: AttrDict) -> None:
        super()._restore_assets(state)
        for joint, (position, velocity) in enumerate(state["buttons"]):
            self.bullet.resetJointState(self.buttons, joint, position, velocity)

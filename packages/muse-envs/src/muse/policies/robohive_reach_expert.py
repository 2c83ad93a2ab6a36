"""The scripted expert of RoboHive's Franka reach tasks."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.core.policy import Policy, next_count
from muse.envs.mujoco.hand_pose import limited
from muse.envs.robohive.arm import Arm
from muse.envs.robohive.simhive import SIMHIVE
from muse.envs.robohive.simulation import Simulation
from muse.envs.robohive.tasks import find_task

_MOST = 0.12  # m of the way in one step


class RoboHiveReachExpert(Policy):
    """Moves the hand straight to the target.

    For `RoboHiveEnv` on FrankaReachFixed-v0 and FrankaReachRandom-v0. It reads `observation` alone
    (joints, their velocities, the way to the target); its model of the arm is its own.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (SIMHIVE,)

    def _set_up(self) -> None:
        task = find_task("FrankaReachFixed-v0")
        self._simulation = Simulation(task, self.params.simhive, None)
        self._arm = Arm(self._simulation)

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 9), targets of the joints over their ranges."""
        rows = np.asarray(obs["observation"], np.float64)
        action = np.stack([self._act(row[:9], row[18:21]) for row in rows])
        return AttrDict(action=action.astype(np.float32)), next_count(memory)

    def _act(self, joints: np.ndarray, way: np.ndarray) -> np.ndarray:
        inside = self._simulation
        inside.data.qpos[:], inside.data.qvel[:] = joints, 0.0
        inside.mujoco.mj_forward(inside.model, inside.data)
        step = limited(way, _MOST)
        joints = self._arm.action(self._arm.turns(step), together=False)
        return np.concatenate([joints, self._arm.fingers(closed=True)])

"""The scripted expert of RoboHive's Franka reach tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.core.policy import Policy, next_count
from muse.core.spec import EnvSpec
from muse.envs.robohive.simhive import VARIABLE
from muse.envs.robohive.simulation import Simulation
from muse.envs.robohive.tasks import find_task

_ARM = 7
_MOST = 0.12  # m of the way in one step
_DAMPING = 1e-3


class RoboHiveReachExpert(Policy):
    """Moves the hand straight to the target by damped least squares (Nakamura, Hanafusa 1986).

    For `RoboHiveEnv` on FrankaReachFixed-v0 and FrankaReachRandom-v0. It reads `observation` alone
    (joints, their velocities, the way to the target); its model of the arm is its own.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("simhive", str | None, None,
              help=f"SimHive's folder; None: the one {VARIABLE} names, else RoboHive's own"),
    )  # fmt: skip

    def __init__(
        self,
        params: Mapping[str, Any] | None,
        env_spec: EnvSpec,
        file_manager: Any = None,
        env: Any = None,
    ) -> None:
        super().__init__(params, env_spec, file_manager, env)
        self._arm = Simulation(find_task("FrankaReachFixed-v0"), self.params.simhive, None)
        model = self._arm.model
        self._hand = model.site("end_effector").id
        self._stiffness = model.actuator_gainprm[:_ARM, 0].copy()

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 9), targets of the joints over their ranges."""
        rows = np.asarray(obs["observation"], np.float64)
        action = np.stack([self._act(row[:9], row[18:21]) for row in rows])
        return AttrDict(action=action.astype(np.float32)), next_count(memory)

    def _act(self, joints: np.ndarray, way: np.ndarray) -> np.ndarray:
        arm = self._arm
        arm.data.qpos[:], arm.data.qvel[:] = joints, 0.0
        arm.mujoco.mj_forward(arm.model, arm.data)
        jacobian = np.zeros((3, arm.model.nv))
        arm.mujoco.mj_jacSite(arm.model, arm.data, jacobian, None, self._hand)
        jacobian = jacobian[:, :_ARM]
        step = way * min(1.0, _MOST / max(float(np.linalg.norm(way)), 1e-9))
        square = jacobian @ jacobian.T + _DAMPING * np.eye(3)
        # The servos sag by what holds the weight.
        sag = arm.data.qfrc_bias[:_ARM] / self._stiffness
        target = joints[:_ARM] + jacobian.T @ np.linalg.solve(square, step) + sag
        low, high = arm.joint_ranges.T
        fraction = np.clip((target - low) / (high - low), 0.0, 1.0)
        return np.concatenate([2.0 * fraction - 1.0, np.zeros(len(joints) - _ARM)])

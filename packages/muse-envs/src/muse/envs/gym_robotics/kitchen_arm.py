"""The kitchen's arm without its dynamics: where the hand is and which joint velocities move it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from muse.envs.gym_robotics.robotics_env import EXTRA, find_robotics
from muse.envs.mujoco.hand_pose import limited, rotation_vector
from muse.envs.mujoco.loading import load_mujoco

#: Joints of the arm, without the fingers.
ARM = 7
#: Seconds of a control step.
STEP = 0.08
#: The joints at a reset, rad.
AT_RESET = np.array([0.148, -1.768, 1.843, -2.477, 0.26, 0.7125, 1.595])

_GAIN = 8.0  # 1/s
_MAX_SPEED, _MAX_TURN = 1.0, 2.5  # m/s, rad/s
_MAX_JOINT_SPEED = 1.5  # rad/s
_DAMPING = 1e-3
_POSTURE_GAIN = 1.0  # 1/s


class KitchenArm:
    """Resolved-rate control of the hand by damped least squares (Nakamura and Hanafusa 1986).

    It holds a model of the kitchen of its own, so it needs joint positions alone.

    Args:
        owner: the class it serves, for the message when the simulator is missing.
    """

    def __init__(self, owner: str) -> None:
        self._mujoco = load_mujoco(owner, EXTRA)
        self._model = self._mujoco.MjModel.from_xml_path(str(_model_file(owner)))
        self._data = self._mujoco.MjData(self._model)
        self._hand = self._model.site("end_effector").id
        self._stiffness = self._model.actuator_gainprm[:ARM, 0].copy()

    def place(self, joints: np.ndarray) -> None:
        """Go to the positions of all joints, arm and things, (30,)."""
        self._data.qpos[:] = joints
        self._data.qvel[:] = 0
        self._mujoco.mj_forward(self._model, self._data)

    def site(self, name: str) -> np.ndarray:
        """Return where a site of the model is, (3,) m."""
        return np.array(self._data.site(name).xpos)

    @property
    def hand(self) -> np.ndarray:
        """Where the hand is, (3,) m."""
        return np.array(self._data.site_xpos[self._hand])

    def distance(self, position: np.ndarray) -> float:
        """Return how far the hand is from `position` (3,), m."""
        return float(np.linalg.norm(position - self.hand))

    def joint_distance(self, joints: np.ndarray) -> float:
        """Return how far the joint farthest from `joints` (7,) is, rad."""
        return float(np.abs(joints - self._data.qpos[:ARM]).max())

    def joint_velocities(self, joints: np.ndarray) -> np.ndarray:
        """Return joint velocities (7,) that bring the arm to `joints` (7,) on a straight line."""
        way = _GAIN * (joints - self._data.qpos[:ARM])
        fastest = float(np.abs(way).max())
        slowed = way if fastest <= _MAX_JOINT_SPEED else way * (_MAX_JOINT_SPEED / fastest)
        return np.asarray(slowed + self._against_gravity())

    def velocities(self, position: np.ndarray, pose: np.ndarray, posture: np.ndarray) -> np.ndarray:
        """Return joint velocities (7,) that bring the hand to a place, rad/s.

        Args:
            position: where to, (3,) m.
            pose: axes of the hand there in columns, (3, 3).
            posture: joints to stay near as far as the hand's goal leaves a choice, (7,).
        """
        now = self._data.site_xmat[self._hand].reshape(3, 3)
        linear = limited(_GAIN * (position - self.hand), _MAX_SPEED)
        angular = limited(_GAIN * rotation_vector(self._mujoco, pose @ now.T), _MAX_TURN)
        jacobian = np.zeros((6, self._model.nv))
        self._mujoco.mj_jacSite(self._model, self._data, jacobian[:3], jacobian[3:], self._hand)
        jacobian = jacobian[:, :ARM]
        square = jacobian @ jacobian.T + _DAMPING * np.eye(6)
        inverse = jacobian.T @ np.linalg.inv(square)
        toward = inverse @ np.concatenate([linear, angular])
        rest = np.eye(ARM) - inverse @ jacobian
        stay = rest @ (_POSTURE_GAIN * (posture - self._data.qpos[:ARM]))
        return np.asarray(toward + stay + self._against_gravity())

    def _against_gravity(self) -> np.ndarray:
        """A command is an offset to the position servos: so much of it only holds the weight."""
        return np.asarray(self._data.qfrc_bias[:ARM] / (self._stiffness * STEP))


def _model_file(owner: str) -> Path:
    module: Any = find_robotics(owner, "franka_kitchen.kitchen_env.__file__")
    return Path(module).parents[1] / "assets/kitchen_franka/kitchen_assets/kitchen_env_model.xml"

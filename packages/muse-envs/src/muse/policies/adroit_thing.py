"""The thing in the Adroit hand, and the six joints that place it."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.envs.mujoco.loading import load_mujoco


class AdroitThing:
    """Turns where a pen or hammer is observed to be into its joints: three slides, three hinges.

    Args:
        model: from `adroit_model`; the joints of the thing are its last six.
        data: the `mujoco.MjData` to write to.
    """

    def __init__(self, model: Any, data: Any) -> None:
        self._mujoco = load_mujoco("AdroitThing", "kitchen")
        self._model, self._data = model, data
        self.body = int(model.jnt_bodyid[-1])

    @property
    def quaternion(self) -> np.ndarray:
        """How the thing is turned in the world, (4,), as its joints say."""
        self._mujoco.mj_kinematics(self._model, self._data)
        return np.array(self._data.xquat[self.body])

    def move(self, time: float) -> None:
        """Go on, or back, as the joints move, s."""
        self._data.qpos[-6:] += time * self._data.qvel[-6:]

    def put(self, position: np.ndarray, quaternion: np.ndarray) -> None:
        """Write the joints that bring the thing to (3,) m and (4,) in the world."""
        mujoco, joints = self._mujoco, self._data.qpos[-6:]
        back, slides, turn, matrix = np.empty(4), np.empty(3), np.empty(4), np.empty(9)
        mujoco.mju_negQuat(back, self._model.body_quat[self.body])
        mujoco.mju_rotVecQuat(slides, position - self._model.body_pos[self.body], back)
        mujoco.mju_mulQuat(turn, back, quaternion)
        mujoco.mju_quat2Mat(matrix, turn)
        joints[:3] = slides
        joints[3:] = _hinges(matrix.reshape(3, 3), joints[3:])

    def along(self, axis: np.ndarray) -> np.ndarray:
        """Return the quaternion (4,) in which the thing's z is `axis` (3,), turned the least."""
        now, turn, result = self.quaternion, np.empty(4), np.empty(4)
        z = np.empty(3)
        self._mujoco.mju_rotVecQuat(z, np.array([0.0, 0.0, 1.0]), now)
        normal = np.cross(z, axis)
        length = float(np.linalg.norm(normal))
        angle = np.arctan2(length, z @ axis)
        self._mujoco.mju_axisAngle2Quat(turn, normal / max(length, 1e-12), angle)
        self._mujoco.mju_mulQuat(result, turn, now)
        return result


def _hinges(matrix: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return angles (3,) about x, y and z in turn of a rotation (3, 3), those nearest `near`."""
    x = np.arctan2(-matrix[1, 2], matrix[2, 2])
    y = np.arctan2(matrix[0, 2], np.hypot(matrix[0, 0], matrix[0, 1]))
    z = np.arctan2(-matrix[0, 1], matrix[0, 0])
    both = np.array([(x, y, z), (x + np.pi, np.pi - y, z + np.pi)])
    both += 2 * np.pi * np.round((near - both) / (2 * np.pi))
    nearest: np.ndarray = both[np.argmin(np.abs(both - near).sum(axis=1))]
    return nearest

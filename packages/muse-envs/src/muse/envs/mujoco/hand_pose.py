"""Poses of a gripper as rotation matrices, for arms in MuJoCo."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Pose of the hand that reaches forward, its fingers closing sideways; axes in columns.
FORWARD = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """Return `FORWARD` turned, (3, 3): rolled about y, pitched about x, then yawed about z, rad."""
    return _about(2, yaw) @ _about(0, pitch) @ _about(1, roll) @ FORWARD


def rotation_vector(mujoco: Any, matrix: np.ndarray) -> np.ndarray:
    """Return the rotation vector (3,) of a rotation matrix (3, 3), rad."""
    quaternion, vector = np.zeros(4), np.zeros(3)
    mujoco.mju_mat2Quat(quaternion, matrix.reshape(-1))
    mujoco.mju_quat2Vel(vector, quaternion, 1.0)
    return vector


def limited(vector: np.ndarray, most: float) -> np.ndarray:
    """Return `vector`, shortened to the length `most` if it is longer."""
    size = float(np.linalg.norm(vector))
    return vector if size <= most else vector * (most / size)


def _about(axis: int, angle: float) -> np.ndarray:
    matrix = np.eye(3)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix

"""Rotations in three dimensions: Euler angles, matrices and rotation vectors, for (..., 3) arrays.

Euler angles are roll, pitch and yaw about the fixed axes x, y, z, as in URDF and pybullet:
R = Rz(yaw) Ry(pitch) Rx(roll).
"""

from __future__ import annotations

import numpy as np


def euler_to_matrix(euler: np.ndarray) -> np.ndarray:
    """Return the rotation matrices (..., 3, 3) of Euler angles (..., 3) in rad."""
    euler = np.asarray(euler, np.float64)
    (cr, cp, cy), (sr, sp, sy) = (
        np.moveaxis(np.cos(euler), -1, 0),
        np.moveaxis(np.sin(euler), -1, 0),
    )
    rows = [
        [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
        [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
        [-sp, cp * sr, cp * cr],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def matrix_to_euler(matrix: np.ndarray) -> np.ndarray:
    """Return the Euler angles (..., 3) in rad of rotation matrices (..., 3, 3)."""
    pitch = np.arcsin(np.clip(-matrix[..., 2, 0], -1.0, 1.0))
    roll = np.arctan2(matrix[..., 2, 1], matrix[..., 2, 2])
    yaw = np.arctan2(matrix[..., 1, 0], matrix[..., 0, 0])
    return np.stack([roll, pitch, yaw], axis=-1)


def rotation_vector(matrix: np.ndarray) -> np.ndarray:
    """Return axis times angle, (3,) rad, of one rotation matrix (3, 3)."""
    skew = np.array(
        [
            matrix[2, 1] - matrix[1, 2],
            matrix[0, 2] - matrix[2, 0],
            matrix[1, 0] - matrix[0, 1],
        ]
    )
    sine, cosine = 0.5 * np.sqrt(skew @ skew), 0.5 * (np.trace(matrix) - 1.0)
    if sine < 1e-9:
        if cosine > 0.0:
            return 0.5 * skew
        # Half a turn: the axis is the largest column of R + 1.
        columns = matrix + np.eye(3)
        axis = columns[:, np.argmax(np.diagonal(columns))]
        return np.pi * axis / np.linalg.norm(axis)
    result: np.ndarray = skew * (0.5 * np.arctan2(sine, cosine) / sine)
    return result


def vector_to_matrix(vector: np.ndarray) -> np.ndarray:
    """Return the rotation matrix (3, 3) of axis times angle (3,) in rad (Rodrigues)."""
    angle = float(np.sqrt(vector @ vector))
    x, y, z = vector
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    if angle < 1e-9:
        return np.eye(3) + skew
    ratio = np.sin(angle) / angle
    return np.eye(3) + ratio * skew + (1.0 - np.cos(angle)) / angle**2 * (skew @ skew)


def angle_between(euler_a: np.ndarray, euler_b: np.ndarray) -> np.ndarray:
    """Return the least angle (...,) in rad that turns one orientation into the other.

    Args:
        euler_a, euler_b: Euler angles (..., 3) in rad.
    """
    a, b = euler_to_matrix(euler_a), euler_to_matrix(euler_b)
    cosine = 0.5 * (np.einsum("...ij,...ij->...", a, b) - 1.0)
    return np.arccos(np.clip(cosine, -1.0, 1.0))

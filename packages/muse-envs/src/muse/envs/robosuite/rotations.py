"""Rotations as quaternions (x, y, z, w), rotation vectors and Euler angles; numpy alone.

Every function takes and returns arrays (..., 4) or (..., 3). Euler angles are about the fixed axes
x, then y, then z (scipy's "xyz"). Angles in rad.
"""

from __future__ import annotations

import numpy as np

_SMALL = 1e-12


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the rotation `b` followed by `a`."""
    ax, ay, az, aw = np.moveaxis(a, -1, 0)
    bx, by, bz, bw = np.moveaxis(b, -1, 0)
    return np.stack(
        [
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ],
        axis=-1,
    )


def inverse(quat: np.ndarray) -> np.ndarray:
    """Return the opposite rotation of unit quaternions."""
    return quat * np.array([-1.0, -1.0, -1.0, 1.0], quat.dtype)


def rotate(quat: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Return `vector` (..., 3) turned by `quat`."""
    axis, w = quat[..., :3], quat[..., 3:]
    across = 2.0 * np.cross(axis, vector)
    return vector + w * across + np.cross(axis, across)


def to_rotation_vector(quat: np.ndarray) -> np.ndarray:
    """Return axis times angle, the shorter way round: angles up to pi."""
    quat = np.where(quat[..., 3:] < 0.0, -quat, quat)
    length = np.linalg.norm(quat[..., :3], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(length, quat[..., 3:])
    scale = np.where(length > _SMALL, angle / np.maximum(length, _SMALL), 2.0)
    return scale * quat[..., :3]


def from_rotation_vector(vector: np.ndarray) -> np.ndarray:
    """Return the quaternion of axis times angle."""
    angle = np.linalg.norm(vector, axis=-1, keepdims=True)
    scale = np.where(angle > _SMALL, np.sin(angle / 2.0) / np.maximum(angle, _SMALL), 0.5)
    return np.concatenate([scale * vector, np.cos(angle / 2.0)], axis=-1)


def to_euler(quat: np.ndarray) -> np.ndarray:
    """Return Euler angles; x and z in [-pi, pi], y in [-pi/2, pi/2]."""
    x, y, z, w = np.moveaxis(quat, -1, 0)
    return np.stack(
        [
            np.arctan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y)),
            np.arcsin(np.clip(2.0 * (w * y - z * x), -1.0, 1.0)),
            np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)),
        ],
        axis=-1,
    )


def from_euler(angles: np.ndarray) -> np.ndarray:
    """Return the quaternion of Euler angles."""
    about = [
        from_rotation_vector(angles[..., i : i + 1] * np.eye(3, dtype=angles.dtype)[i])
        for i in range(3)
    ]
    return multiply(about[2], multiply(about[1], about[0]))

"""How a hand is held and turned for a grasp from above."""

from __future__ import annotations

import numpy as np

from muse.envs.robosuite import rotations

UP = np.array([0.0, 0.0, 1.0])
#: The hand pointing down, its fingers opening along the world's x.
_DOWN_OPEN_X = np.array([np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0])


def downward(angle: float) -> np.ndarray:
    """Return the hand pointing down, its fingers opening at `angle` (rad) from the world's x."""
    about_z = rotations.from_rotation_vector(np.array([0.0, 0.0, angle]))
    return rotations.multiply(about_z, _DOWN_OPEN_X)


def yaw(quat: np.ndarray) -> float:
    """Return the turn of an object about the vertical, rad."""
    return float(rotations.to_euler(quat)[2])


def opening_angle(hand_quat: np.ndarray) -> float:
    """Return the direction in which the fingers open, seen from above, rad."""
    axis = rotations.rotate(hand_quat, np.array([0.0, 1.0, 0.0]))
    return float(np.arctan2(axis[1], axis[0]))


def nearest_turn(angle: float, start: float, period: float) -> float:
    """Return the angle nearest to `start` that equals `angle` up to multiples of `period`."""
    return start + (angle - start + period / 2.0) % period - period / 2.0

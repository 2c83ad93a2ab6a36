"""How points move in the unit square among circles; every function works on batches (B, ...)."""

from __future__ import annotations

import numpy as np

#: A move towards a circle stops at this part of the way to it.
STOP_FRACTION = 0.9

_TINY = np.finfo(np.float64).tiny


def move(
    start: np.ndarray, step: np.ndarray, centres: np.ndarray, radii: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Move points by a step, stopping short of circles and at the walls of the unit square.

    Args:
        start: (B, 2), outside every circle.
        step: (B, 2), the wanted displacement.
        centres: (B, n, 2) of the circles.
        radii: (B, n).

    Returns:
        (where the points end (B, 2), whether a circle stopped them (B,) bool).
    """
    target = np.minimum(np.maximum(start + step, 0.0), 1.0)
    if centres.shape[1] == 0:
        return target, np.zeros(len(start), bool)
    way = target - start
    reach = first_hit(start, way, centres, radii)
    hit = reach <= 1.0
    part = np.where(hit, STOP_FRACTION * np.minimum(reach, 1.0), 1.0)
    return start + part[:, None] * way, hit


def first_hit(
    start: np.ndarray, way: np.ndarray, centres: np.ndarray, radii: np.ndarray
) -> np.ndarray:
    """Return the part of `way` after which a circle is first met, (B,); inf when none is.

    Solves |start + t way - centre| = radius for the smaller root t >= 0; a point that already
    touches a circle meets it at 0 only when it moves inwards.
    """
    offset = start[:, None] - centres
    a = _dot(way, way)[:, None]
    b = _dot(offset, way[:, None])
    c = _dot(offset, offset) - radii**2
    inside = b * b - a * c
    meets = (inside >= 0.0) & (b < 0.0) & (a > 0.0)
    root = np.sqrt(np.where(meets, inside, 0.0))
    t = np.where(meets, (-b - root) / np.where(meets, a, 1.0), np.inf)
    return np.maximum(t, 0.0).min(axis=1)


def flee_heading(
    ego: np.ndarray, target: np.ndarray, ego_step: np.ndarray, chance: np.ndarray, turn: np.ndarray
) -> np.ndarray:
    """Return the unit direction in which the target runs, (B, 2).

    With probability 0.1 + 0.7 max(cos phi, 0) it runs along the direction in which the ego moves,
    phi being the angle between that and the line from ego to target; else anywhere.

    Args:
        ego, target: (B, 2) positions.
        ego_step: (B, 2), how the ego moved; where it is zero the heading is drawn.
        chance: (B,) uniform in [0, 1).
        turn: (B,) uniform in [0, 1), the drawn heading as a part of a full turn.
    """
    length = _length(ego_step)
    distance = _length(target - ego)
    moves = length > 0.0
    # cos phi, and 0 where one of the two has no direction
    along = _dot(ego_step, target - ego) / np.maximum(length * distance, _TINY)
    flees = moves & (chance < 0.1 + 0.7 * np.maximum(along, 0.0))
    angle = 2.0 * np.pi * turn
    heading = np.empty_like(ego_step)
    heading[:, 0], heading[:, 1] = np.cos(angle), np.sin(angle)
    return np.where(flees[:, None], ego_step / np.maximum(length, _TINY)[:, None], heading)


def rotate(vector: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Turn vectors (B, 2) by angles (B,) in radians, counter-clockwise."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = vector[:, 0], vector[:, 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    product: np.ndarray = a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1]
    return product


def _length(vector: np.ndarray) -> np.ndarray:
    length: np.ndarray = np.sqrt(_dot(vector, vector))
    return length

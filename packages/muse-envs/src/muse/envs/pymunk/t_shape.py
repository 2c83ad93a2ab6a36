"""The T of the Push-T task: its two convex parts, its keypoints and how far two T's overlap.

Lengths are pixels of the 512 x 512 table, angles radians; y points down. The body's origin is the
middle of the bar's outer edge, the stem points along +y.
"""

from __future__ import annotations

import math

import numpy as np

Point = tuple[float, float]
Pose = tuple[float, float, float]

#: Width of bar and stem, px.
UNIT = 30.0
#: (x_min, x_max, y_min, y_max) of the bar and of the stem in the frame of the body.
BAR_BOX = (-2 * UNIT, 2 * UNIT, 0.0, UNIT)
STEM_BOX = (-UNIT / 2, UNIT / 2, UNIT, 4 * UNIT)
BOXES = (BAR_BOX, STEM_BOX)
AREA = sum((x1 - x0) * (y1 - y0) for x0, x1, y0, y1 in BOXES)
#: Bar, then stem; the corners in the order the reference task gives them to the simulator.
BAR: tuple[Point, ...] = ((-60.0, 30.0), (60.0, 30.0), (60.0, 0.0), (-60.0, 0.0))
STEM: tuple[Point, ...] = ((-15.0, 30.0), (-15.0, 120.0), (15.0, 120.0), (15.0, 30.0))
PARTS = (BAR, STEM)
#: The mean of the centres of both parts, about which the body turns.
CENTER_OF_GRAVITY: Point = (0.0, 45.0)

#: The nine keypoints of the human Push-T demonstrations (Chi et al. 2023, "Diffusion Policy"), in
#: the frame of the body and in their order, measured from the recorded states and keypoints.
KEYPOINTS = np.array(
    [
        (9.269787, 90.040974),
        (-60.983472, -1.186730),
        (60.912756, -1.393364),
        (-0.270503, 25.543625),
        (-14.064927, 122.815854),
        (39.002738, 32.857404),
        (-39.966415, 32.729655),
        (-16.824344, 62.863179),
        (23.541461, -1.700288),
    ]
)


def to_world(points: tuple[Point, ...], pose: Pose) -> list[Point]:
    """Return `points` of the body's frame in the world, for a body at `pose` (x, y, theta)."""
    x, y, theta = pose
    cos, sin = math.cos(theta), math.sin(theta)
    return [(x + cos * px - sin * py, y + sin * px + cos * py) for px, py in points]


def keypoints(pose: np.ndarray) -> np.ndarray:
    """Return the keypoints of T's at `pose` (..., 3) in the world, (..., 9, 2)."""
    pose = np.asarray(pose, np.float64)
    cos, sin = np.cos(pose[..., 2:3]), np.sin(pose[..., 2:3])
    x, y = KEYPOINTS[:, 0], KEYPOINTS[:, 1]
    turned = np.stack((cos * x - sin * y, sin * x + cos * y), axis=-1)
    world: np.ndarray = turned + pose[..., None, :2]
    return world


def coverage(block: Pose, goal: Pose) -> float:
    """Return the share of the T at `goal` that the T at `block` covers, 0 to 1.

    A T is two rectangles that share no area, so the overlap is the sum over the four pairs. In the
    frame of the goal the clipping rectangles are upright.
    """
    cos, sin = math.cos(goal[2]), math.sin(goal[2])
    dx, dy = block[0] - goal[0], block[1] - goal[1]
    relative = (cos * dx + sin * dy, cos * dy - sin * dx, block[2] - goal[2])
    area = 0.0
    for part in PARTS:
        corners = to_world(part, relative)
        for box in BOXES:
            area += _area_within(corners, box)
    return area / AREA


def _area_within(polygon: list[Point], box: tuple[float, float, float, float]) -> float:
    """Area of a convex polygon inside an upright box, by Sutherland and Hodgman (1974)."""
    x0, x1, y0, y1 = box
    for axis, sign, bound in ((0, 1.0, x0), (0, -1.0, x1), (1, 1.0, y0), (1, -1.0, y1)):
        polygon = _clip(polygon, axis, sign, bound)
        if len(polygon) < 3:
            return 0.0
    doubled = 0.0
    px, py = polygon[-1]
    for x, y in polygon:
        doubled += px * y - x * py
        px, py = x, y
    return abs(doubled) / 2


def _clip(polygon: list[Point], axis: int, sign: float, bound: float) -> list[Point]:
    """Keep the part of `polygon` where sign * (coordinate - bound) >= 0."""
    heights = [sign * (point[axis] - bound) for point in polygon]
    if min(heights) >= 0:
        return polygon
    kept: list[Point] = []
    before, h_before = polygon[-1], heights[-1]
    for point, h in zip(polygon, heights, strict=True):
        if (h >= 0) != (h_before >= 0):
            t = h_before / (h_before - h)
            kept.append(
                (before[0] + t * (point[0] - before[0]), before[1] + t * (point[1] - before[1]))
            )
        if h >= 0:
            kept.append(point)
        before, h_before = point, h
    return kept

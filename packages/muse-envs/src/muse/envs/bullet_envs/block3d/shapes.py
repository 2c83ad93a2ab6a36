"""Bodies made in code: boxes that stand still, the block and the mug."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Colour = tuple[float, float, float, float]

WOOD: Colour = (0.80, 0.66, 0.48, 1.0)
DARK_WOOD: Colour = (0.55, 0.40, 0.27, 1.0)
FLOOR: Colour = (0.62, 0.65, 0.69, 1.0)
STEEL: Colour = (0.36, 0.38, 0.42, 1.0)
RED: Colour = (0.85, 0.22, 0.20, 1.0)
BLUE: Colour = (0.20, 0.42, 0.80, 1.0)

#: Outer diameter of a mug's body and length of its handle, as shares of its height.
MUG_DIAMETER, MUG_HANDLE = 0.75, 0.28
# A compound shape of pybullet has at most 16 parts.
_MUG_SIDES, _MUG_WALL = 12, 0.08


def add_box(
    bullet: Any, half_extents: Sequence[float], position: Sequence[float], colour: Colour
) -> int:
    """Add a box that stands still; returns its body."""
    body: int = bullet.createMultiBody(
        0.0,
        bullet.createCollisionShape(bullet.GEOM_BOX, halfExtents=half_extents),
        bullet.createVisualShape(bullet.GEOM_BOX, halfExtents=half_extents, rgbaColor=colour),
        position,
    )
    bullet.changeDynamics(body, -1, lateralFriction=0.6)
    return body


def add_scenery(
    bullet: Any, half_extents: Sequence[float], position: Sequence[float], colour: Colour
) -> None:
    """Add a box that is only seen."""
    shape = bullet.createVisualShape(bullet.GEOM_BOX, halfExtents=half_extents, rgbaColor=colour)
    bullet.createMultiBody(0.0, -1, shape, position)


def add_floor(bullet: Any) -> None:
    """Add the floor, 0.4 m below the robot's base, for what falls off the table."""
    add_box(bullet, [2.5, 2.5, 0.1], [0.4, 0.0, -0.5], FLOOR)


def add_block(bullet: Any, size: np.ndarray, mass: float) -> int:
    """Add a block with edges `size` (3,) m; returns its body."""
    half = (0.5 * size).tolist()
    return _add_object(
        bullet,
        mass,
        bullet.createCollisionShape(bullet.GEOM_BOX, halfExtents=half),
        bullet.createVisualShape(bullet.GEOM_BOX, halfExtents=half, rgbaColor=RED),
    )


def add_mug(bullet: Any, height: float, mass: float) -> int:
    """Add a mug, its handle along x and its origin in the middle of its body; returns the body."""
    extents, positions, quaternions = _mug_parts(bullet, height)
    # The bottom alone touches the table, at four points in place of four a stave: a step with a
    # standing mug takes a fifth of the time.
    shapes = [bullet.GEOM_CYLINDER] + [bullet.GEOM_BOX] * (len(extents) - 1)
    bottom = extents[0]
    collision = bullet.createCollisionShapeArray(
        shapeTypes=shapes,
        halfExtents=extents,
        radii=[bottom[0]] * len(shapes),
        lengths=[2.0 * bottom[2]] * len(shapes),
        collisionFramePositions=positions,
        collisionFrameOrientations=quaternions,
    )
    visual = bullet.createVisualShapeArray(
        shapeTypes=shapes,
        halfExtents=extents,
        radii=[bottom[0]] * len(shapes),
        lengths=[2.0 * bottom[2]] * len(shapes),
        rgbaColors=[list(BLUE)] * len(shapes),
        visualFramePositions=positions,
        visualFrameOrientations=quaternions,
    )
    return _add_object(bullet, mass, collision, visual)


def _mug_parts(
    bullet: Any, height: float
) -> tuple[list[list[float]], list[list[float]], list[list[float]]]:
    """Return half extents, centres and orientations of bottom, staves and handle.

    The bottom is a cylinder, the others are boxes.
    """
    wall, radius = 0.5 * _MUG_WALL * height, 0.5 * MUG_DIAMETER * height
    extents = [[radius, radius, wall]]
    positions, quaternions = [[0.0, 0.0, wall - 0.5 * height]], [[0.0, 0.0, 0.0, 1.0]]
    stave = (radius - wall) * float(np.tan(np.pi / _MUG_SIDES)) + wall
    for side in range(_MUG_SIDES):
        angle = 2.0 * np.pi * (side + 0.5) / _MUG_SIDES
        middle = radius - wall
        extents.append([wall, stave, 0.5 * height - wall])
        positions.append([middle * np.cos(angle), middle * np.sin(angle), wall])
        quaternions.append(list(bullet.getQuaternionFromEuler([0.0, 0.0, angle])))
    upright = [0.0, 0.0, 0.0, 1.0]
    reach = 0.5 * MUG_HANDLE * height
    handle = [
        ([reach, wall, wall], [radius + reach - wall, 0.0, 0.27 * height]),
        ([reach, wall, wall], [radius + reach - wall, 0.0, -0.27 * height]),
        ([wall, wall, 0.27 * height + wall], [radius + 2 * reach - 2 * wall, 0.0, 0.0]),
    ]
    for half, centre in handle:
        extents.append(half)
        positions.append(centre)
        quaternions.append(upright)
    return extents, positions, quaternions


def _add_object(bullet: Any, mass: float, collision: int, visual: int) -> int:
    body: int = bullet.createMultiBody(mass, collision, visual)
    bullet.changeDynamics(
        body,
        -1,
        lateralFriction=0.8,
        spinningFriction=0.003,
        rollingFriction=0.0005,
        restitution=0.0,
        linearDamping=0.04,
        angularDamping=0.04,
    )
    return body

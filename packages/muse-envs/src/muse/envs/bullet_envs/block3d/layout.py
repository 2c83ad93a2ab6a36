"""Where things are, m; the robot's base is the origin, the table's surface lies at z = 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: The directions of push, pull and lift, seen from the robot.
DIRECTIONS = {
    "left": np.array([0.0, 1.0]),
    "right": np.array([0.0, -1.0]),
    "forward": np.array([1.0, 0.0]),
    "backward": np.array([-1.0, 0.0]),
}


@dataclass(frozen=True)
class Area:
    """A level rectangle: x and y of its middle, half its sides, and its height z."""

    middle: tuple[float, float]
    half: tuple[float, float]
    height: float = 0.0

    def holds(self, point: np.ndarray) -> bool:
        """Return whether x and y of `point` lie within."""
        return bool((np.abs(point[:2] - self.middle) <= self.half).all())

    def part(self, share: float) -> Area:
        """Return the middle part with sides `share` times as long."""
        return Area(self.middle, (share * self.half[0], share * self.half[1]), self.height)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return a uniform point of the area, (2,)."""
        return np.array(self.middle) + np.array(self.half) * rng.uniform(-1.0, 1.0, 2)


TABLE = Area((0.5, 0.0), (0.2, 0.3))

#: The table between the platforms, and their height and width.
PLATFORM_TABLE = Area((0.5, 0.0), (0.15, 0.22))
PLATFORM_HEIGHT, PLATFORM_EXTENT = 0.16 / 3, 0.08

#: Height of the desk's top, and the part of it that objects start on.
DESK_HEIGHT = -0.05
DESK = Area((0.6, -0.11), (0.065, 0.21), DESK_HEIGHT)
#: The floor of the drawer when it is shut; open, it has moved by `DRAWER_TRAVEL` along -x.
DRAWER = Area((0.61, -0.1), (0.085, 0.13), DESK_HEIGHT - 0.085)
DRAWER_TRAVEL = 0.194
#: The handle's place when it is shut, and where a hand grips it.
DRAWER_HANDLE = np.array([0.46, -0.1, DESK_HEIGHT + 0.012])
#: The floor of the cabinet, its hinge, and its handle from there when it is shut.
CABINET = Area((0.67, 0.25), (0.07, 0.1), DESK_HEIGHT)
CABINET_HINGE = np.array([0.59, 0.355, DESK_HEIGHT])
CABINET_TRAVEL = float(np.pi / 2 - 0.1)
CABINET_HANDLE = np.array([-0.035, -0.185, 0.067])
#: The tops of the buttons when nobody presses them, and how far they go down.
BUTTONS = np.array([[0.71, y, DESK_HEIGHT + 0.022] for y in (-0.28, -0.2, -0.12)])
BUTTON_TRAVEL = 0.015


def drawer_handle(opening: float) -> np.ndarray:
    """Return where the drawer's handle is gripped, (3,), when it is open by `opening` m."""
    return DRAWER_HANDLE - [opening, 0.0, 0.0]


def cabinet_handle(angle: float) -> np.ndarray:
    """Return where the door's handle is gripped, (3,), when it is open by `angle` rad."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y, z = CABINET_HANDLE
    # The door opens clockwise, seen from above.
    return CABINET_HINGE + [cos * x + sin * y, cos * y - sin * x, z]

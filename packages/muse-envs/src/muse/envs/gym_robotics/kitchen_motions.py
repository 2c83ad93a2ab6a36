"""How the hand goes about each subtask of the kitchen: the waypoints of the scripted expert."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from muse.envs.gym_robotics.kitchen_arm import AT_RESET
from muse.envs.mujoco.hand_pose import turned

OPEN, CLOSED = 1.0, -1.0
# Joints from which a reach goes without a collision, rad.
_AT_MICROWAVE = np.array([-1.158, -1.439, 2.123, -1.87, 0.25, 1.804, 1.221])
_AT_KETTLE = np.array([0.1, -1.6, 2.46, -2.7, 1.2, 1.15, 1.4])
_AT_HINGE = np.array([0.893, -0.138, -0.078, -1.731, 0.638, 1.599, -0.649])


@dataclass(frozen=True)
class Waypoint:
    """A place for the hand.

    Args:
        offset: from the site of the motion as it was when the motion began, (3,) m.
        pose: axes of the hand in columns, (3, 3).
        grip: `OPEN` or `CLOSED`.
        tolerance: near enough to go on, m; 0 to stay for all of `steps`.
        steps: control steps after which to go on anyway.
        joints: where the arm goes instead, (7,) rad, `tolerance` then being in rad: for a way that
            the hand cannot find, the elbow being on the wrong side.
    """

    offset: np.ndarray
    pose: np.ndarray
    grip: float
    tolerance: float = 0.03
    steps: int = 40
    joints: np.ndarray | None = None


@dataclass(frozen=True)
class Motion:
    """How one subtask is done.

    Args:
        site: of the model; waypoints are around it.
        waypoints: in their order; the last `leaving` of them let go and draw back, and are gone to
            as soon as the subtask is finished.
        posture: joints the arm stays near, (7,) rad.
        leaving: how many.
    """

    site: str
    waypoints: Sequence[Waypoint]
    posture: np.ndarray
    leaving: int = 1


def _at(x: float, y: float, z: float) -> np.ndarray:
    return np.array([x, y, z])


def _microwave() -> Motion:
    """Take the handle from the front right and lead it round the hinge."""
    pose = turned(yaw=0.4, pitch=-0.5)
    front, inside = -0.12 * pose[:, 2], 0.01 * pose[:, 2]
    hinge = _at(-0.486, -0.038, 0.0)  # from the handle
    points = [
        Waypoint(front, pose, OPEN),
        Waypoint(inside, pose, OPEN, 0.02),
        Waypoint(inside * 0, pose, CLOSED, 0.0, 4),
    ]
    for angle in np.linspace(0.1, 0.8, 6):
        leading = turned(yaw=0.4 - 0.5 * angle, pitch=-0.5)
        points.append(Waypoint(_swung(hinge, -angle), leading, CLOSED, steps=8))
    last = points[-1]
    points.append(Waypoint(last.offset, last.pose, OPEN, 0.0, 2))
    points.append(Waypoint(last.offset + _at(0.1, -0.12, 0.0), last.pose, OPEN, 0.04, 15))
    return Motion("microhandle_site", points, _AT_MICROWAVE, leaving=2)


def _kettle() -> Motion:
    """Push it from behind, the hand tilted down."""
    pose = turned(pitch=-0.8)
    places = [
        (_at(0.0, -0.25, 0.0), 0.04),
        (_at(0.0, -0.17, -0.1), 0.03),
        (_at(0.0, 0.05, -0.1), 0.03),
        (_at(0.02, 0.22, -0.1), 0.03),
        (_at(0.0, -0.05, 0.0), 0.1),
    ]
    return Motion("kettle_site", [Waypoint(p, pose, CLOSED, t) for p, t in places], _AT_KETTLE)


def _knob(site: str) -> Motion:
    """Take the knob and turn the hand."""
    before, there = _at(0.0, -0.14, 0.0), _at(0.0, -0.02, 0.0)
    straight, rolled = turned(), turned(roll=1.4)
    return Motion(
        site,
        [
            Waypoint(before, straight, OPEN),
            Waypoint(there, straight, OPEN, 0.025, 15),
            Waypoint(there, straight, CLOSED, 0.0, 3),
            Waypoint(there, rolled, CLOSED, 0.0, 12),
            Waypoint(there, rolled, OPEN, 0.0, 2),
            Waypoint(_at(0.0, -0.12, 0.0), straight, OPEN, 0.05, 15),
        ],
        AT_RESET,
        leaving=2,
    )


def _light_switch() -> Motion:
    """Sweep it to the left."""
    return _sweep("light_site", [(0.12, -0.14), (0.1, -0.01), (-0.12, -0.01), (-0.05, -0.14)])


def _slide_cabinet() -> Motion:
    """Push its handle to the right."""
    return _sweep("slide_site", [(-0.12, -0.14), (-0.1, 0.0), (0.35, 0.0), (0.3, -0.14)])


def _hinge_cabinet() -> Motion:
    """Raise the elbow, take the right door's handle from the right, lead it round the hinge."""
    pose = turned(yaw=0.7)
    front, depth = -0.15 * pose[:, 2], 0.01
    hinge = _at(0.302, 0.127, 0.0)  # from the handle
    points = [
        Waypoint(front, pose, OPEN, 0.4, joints=AT_RESET),
        Waypoint(front, pose, OPEN, 0.1, joints=_AT_HINGE),
        Waypoint(front, pose, OPEN),
        Waypoint(depth * pose[:, 2], pose, OPEN, 0.02),
        Waypoint(depth * pose[:, 2], pose, CLOSED, 0.0, 4),
    ]
    for angle in np.linspace(0.1, 1.4, 10):
        # Turned back against the door, a finger behind the handle pulls; friction alone slips.
        pose = turned(yaw=0.7 - 0.6 * angle)
        place = _swung(hinge, angle) + depth * pose[:, 2]
        points.append(Waypoint(place, pose, CLOSED, steps=8))
    away = place - 0.2 * pose[:, 2]
    points += [
        Waypoint(place, pose, OPEN, 0.0, 2),
        Waypoint(away, pose, OPEN, 0.05, 15),
        Waypoint(away, pose, OPEN, 0.4, joints=AT_RESET),
    ]
    return Motion("hinge_site2", points, _AT_HINGE, leaving=3)


def _swung(hinge: np.ndarray, angle: float) -> np.ndarray:
    """Return where a handle is, from where it was, when its door has turned about z, (3,) m."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y, _ = -hinge
    return hinge + _at(cos * x - sin * y, sin * x + cos * y, 0.0)


def _sweep(site: str, places: Sequence[tuple[float, float]]) -> Motion:
    """Go along x and y of `places` at the height of the site, the first in free space."""
    pose = turned()
    near = [0.04, *[0.02] * (len(places) - 1)]
    points = [
        Waypoint(_at(x, y, 0.0), pose, CLOSED, tolerance)
        for (x, y), tolerance in zip(places, near, strict=True)
    ]
    return Motion(site, points, AT_RESET)


#: Subtask -> how it is done, in an order in which none is in another's way: the open hinge cabinet
#: stands before the handle of the slide cabinet.
MOTIONS: Mapping[str, Callable[[], Motion]] = {
    "microwave": _microwave,
    "kettle": _kettle,
    "bottom burner": lambda: _knob("knob2_site"),
    "top burner": lambda: _knob("knob4_site"),
    "light switch": _light_switch,
    "slide cabinet": _slide_cabinet,
    "hinge cabinet": _hinge_cabinet,
}

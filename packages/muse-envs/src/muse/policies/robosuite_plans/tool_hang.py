"""The plan for ToolHang: put the L-shaped frame into its stand, hang the wrench on its hook.

The frame is turned up about the line across its rod, as it lies, so that its hook points away from
the robot. The wrench's ring then comes down flat round the hook's end and is tilted round its
corner: with the ring held across the hook there is no room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from muse.envs.robosuite import rotations
from muse.policies.robosuite_plans.grasp import UP
from muse.policies.robosuite_plans.scene import Scene, Step
from muse.policies.robosuite_plans.waypoint import CLOSED, OPEN, Waypoint

_Y = np.array([0.0, 1.0, 0.0])
#: Where the rod goes into the stand, in the frame of its base: m.
_HOLE = np.array([0.0, 0.045, 0.155])
#: In the L-shaped frame, whose origin is its corner: the tip of its rod, m.
_TIP = np.array([0.0, 0.0, -0.2207])
#: In the wrench: the middle of the ring that is hung, m.
_RING = np.array([-0.0935, 0.0, 0.0])
#: Height over which an empty hand is clear of the assembled frame, m.
_ABOVE_ALL = 1.16
#: The way of the ring round the hook's corner: along the hook and above it from the L's corner, m,
#: and how far its outer side is tilted down, rad.
_ROUND_THE_HOOK = np.array(
    [
        (0.0875, 0.0350, 0.00),
        (0.0875, 0.0300, 0.20),
        (0.0875, 0.0075, 0.42),
        (0.0875, 0.0040, 0.60),
        (0.0860, 0.0020, 0.75),
        (0.0845, 0.0005, 0.87),
        (0.0760, 0.0000, 0.95),
        (0.0660, 0.0000, 1.02),
    ]
)


@dataclass(frozen=True)
class _Pose:
    """Where an object is in the world.

    Args:
        position: (3,) m.
        quat: (4,) xyzw.
    """

    position: np.ndarray
    quat: np.ndarray

    def at(self, point: np.ndarray) -> np.ndarray:
        """Return a point of the object's own frame in the world."""
        return self.position + rotations.rotate(self.quat, point)

    def turned(self, axis: np.ndarray, angle: float) -> np.ndarray:
        """Return the object's quaternion turned by `angle` rad about its own `axis`."""
        return rotations.multiply(self.quat, rotations.from_rotation_vector(angle * axis))


#: The hand in the object that it holds: on the rod's grip, on the wrench's.
_HAND_IN = {
    "frame": _Pose(np.array([0.0, 0.0, -0.034]), np.array([-0.5, 0.5, 0.5, 0.5])),
    "tool": _Pose(np.zeros(3), np.array([0.0, 1.0, 0.0, 0.0])),
}


def _pose(scene: Scene, name: str) -> _Pose:
    return _Pose(scene.part(f"{name}_pos"), scene.part(f"{name}_quat"))


def _grip(scene: Scene, name: str) -> _Pose:
    """Return where the hand holds the frame or the tool."""
    thing, hand = _pose(scene, name), _HAND_IN[name]
    return _Pose(thing.at(hand.position), rotations.multiply(thing.quat, hand.quat))


def _distance(scene: Scene, name: str) -> float:
    """Return how far the hand is from where it would hold the frame or the tool, m."""
    return float(np.linalg.norm(_grip(scene, name).position - scene.hand()))


def _is_due(scene: Scene, name: str) -> bool:
    """Whether the frame, or the tool after it, is still to be brought to its place."""
    if name == "frame":
        return not scene.part("frame_is_assembled")[0]
    return bool(scene.part("frame_is_assembled")[0] and not scene.part("tool_on_frame")[0])


def _reach(name: str, above: float) -> Step:
    def step(scene: Scene) -> Waypoint | None:
        if not _is_due(scene, name):
            return None
        grip = _grip(scene, name)
        return Waypoint(grip.position + above * UP, grip.quat, tolerance=0.005)

    return step


def _close(name: str) -> Step:
    def step(scene: Scene) -> Waypoint | None:
        if not _is_due(scene, name):
            return None
        return Waypoint(scene.hand(), gripper=CLOSED, timeout=12, check_reach=False)

    return step


def _carried(scene: Scene, name: str, place: _Pose, **rest: Any) -> Waypoint | None:
    """Go where the object, as it lies in the hand now, comes to `place`."""
    if not _is_due(scene, name) or _distance(scene, name) > 0.03:
        return None
    thing = _pose(scene, name)
    turn = rotations.multiply(place.quat, rotations.inverse(thing.quat))
    position = place.position + rotations.rotate(turn, scene.hand() - thing.position)
    return Waypoint(position, rotations.multiply(turn, scene.hand_quat()), CLOSED, **rest)


def _lift(name: str, height: float) -> Step:
    def step(scene: Scene) -> Waypoint | None:
        thing = _pose(scene, name)
        place = _Pose(thing.position + height * UP, thing.quat)
        return _carried(scene, name, place, tolerance=0.02)

    return step


def _frame_over_hole(above: float, **rest: Any) -> Step:
    """Bring the upright frame's tip `above` the hole in the stand, m."""

    def step(scene: Scene) -> Waypoint | None:
        stand = _pose(scene, "base")
        upright = stand.turned(UP, np.pi)
        tip = stand.at(_HOLE) + above * UP
        place = _Pose(tip - rotations.rotate(upright, _TIP), upright)
        return _carried(scene, "frame", place, **rest)

    return step


def _ring_at(along: float, above: float, tilt: float, **rest: Any) -> Step:
    """Bring the wrench's ring to a place beside the hook."""

    def step(scene: Scene) -> Waypoint | None:
        frame = _pose(scene, "frame")
        hook = _Pose(frame.position, frame.turned(UP, np.pi))
        tilted = _Pose(hook.at(np.array([along, 0.0, above])), hook.turned(_Y, tilt))
        quat = tilted.turned(UP, -np.pi / 2.0)
        place = _Pose(tilted.position - rotations.rotate(quat, _RING), quat)
        return _carried(scene, "tool", place, **rest)

    return step


def _closely(path: np.ndarray) -> np.ndarray:
    """Return places (n, 3) along a path (k, 3), three to each of its stretches."""
    at = np.linspace(0.0, len(path) - 1, 3 * (len(path) - 1) + 1)
    return np.stack([np.interp(at, np.arange(len(path)), column) for column in path.T], axis=1)


def _release(scene: Scene) -> Waypoint:
    return Waypoint(scene.hand(), gripper=OPEN, timeout=8, check_reach=False)


def _back(scene: Scene) -> Waypoint | None:
    """Draw the open hand back from what it has held."""
    if min(_distance(scene, name) for name in _HAND_IN) > 0.12:
        return None
    away = rotations.rotate(scene.hand_quat(), -0.1 * UP)
    return Waypoint(scene.hand() + away, gripper=OPEN, tolerance=0.02)


def _rise(scene: Scene) -> Waypoint:
    """Go up above what stands on the table."""
    return Waypoint(np.append(scene.hand()[:2], _ABOVE_ALL), gripper=OPEN, tolerance=0.02)


tool_hang: tuple[Step, ...] = (
    _reach("frame", 0.10),
    _reach("frame", 0.0),
    _close("frame"),
    _lift("frame", 0.15),
    _frame_over_hole(0.06, tolerance=0.01, timeout=90),
    _frame_over_hole(0.02, tolerance=0.003),
    _frame_over_hole(0.005, tolerance=0.002, angle_tolerance=0.04, max_speed=0.4),
    *(
        _frame_over_hole(above, tolerance=0.004, max_speed=0.4)
        for above in (-0.02, -0.06, -0.10, -0.145)
    ),
    _release,
    _back,
    _rise,
    _reach("tool", 0.30),
    _reach("tool", 0.05),
    _reach("tool", 0.0),
    _close("tool"),
    _lift("tool", 0.25),
    _ring_at(0.0875, 0.06, 0.0, tolerance=0.01),
    _ring_at(0.0875, 0.04, 0.0, tolerance=0.002, angle_tolerance=0.03, max_speed=0.5),
    *(
        _ring_at(*place, tolerance=0.0015, angle_tolerance=0.03, timeout=10, max_speed=0.2)
        for place in _closely(_ROUND_THE_HOOK)
    ),
    _ring_at(*_ROUND_THE_HOOK[-1], timeout=10, check_reach=False, max_speed=0.2),
    _release,
    _back,
)

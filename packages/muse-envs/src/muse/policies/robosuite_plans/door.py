"""The plan for Door: grip the lever, turn it up in its own circle, swing the door open.

The latch frees the door in either direction; the wrist has far more room to tilt towards the
robot, which lifts the lever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from muse.envs.robosuite import rotations
from muse.policies.robosuite_plans.grasp import UP, downward
from muse.policies.robosuite_plans.scene import Scene, Step
from muse.policies.robosuite_plans.waypoint import CLOSED, OPEN, Waypoint

# In the door panel's frame, x along the panel from its hinge to the latch turned about: m.
_PIVOT = np.array([-0.175, -0.10, -0.025])
_HINGE = np.array([0.255, 0.0, 0.0])
#: From the pivot to the site that `handle_pos` observes, and to where the lever is gripped.
_SITE_RADIUS, _GRIP_RADIUS = 0.125, 0.11
#: Share of the lever's turn that the hand turns along.
_FOLLOW = 0.8
#: Share of the door's swing that the hand turns along.
_FOLLOW_SWING = 0.5
#: How far the grip is off the lever's middle: the hand is wider than the gap behind the lever, m.
_OUTWARD = np.array([0.0, -0.022, 0.0])


@dataclass(frozen=True)
class _Panel:
    """Where the door panel stands.

    Args:
        centre: (3,) m.
        angle: about the vertical, rad.
    """

    centre: np.ndarray
    angle: float

    def world(self, point: np.ndarray) -> np.ndarray:
        """Return a point of the panel's frame in the world."""
        return self.centre + rotations.rotate(_about_z(self.angle), point)


def _about_z(angle: float) -> np.ndarray:
    return rotations.from_rotation_vector(angle * UP)


def _panel(scene: Scene) -> _Panel:
    """Read the panel's place off the handle: the lever's turn moves it in a known circle."""
    centre = scene.part("door_pos")
    lever = float(scene.part("handle_qpos")[0])
    handle = _PIVOT[:2] + np.array([_SITE_RADIUS * np.cos(lever), 0.0])
    seen = (scene.part("handle_pos") - centre)[:2]
    angle = np.arctan2(seen[1], seen[0]) - np.arctan2(handle[1], handle[0])
    return _Panel(centre, float(angle))


def _grip(panel: _Panel, lever: float, gripper: float, **rest: Any) -> Waypoint:
    """Hold the lever where a turn of `lever` puts it."""
    spoke = _GRIP_RADIUS * np.array([np.cos(lever), 0.0, -np.sin(lever)])
    across = rotations.rotate(_about_z(panel.angle), np.array([0.0, 1.0, 0.0]))
    # The fingers open along the panel's normal.
    hand = downward(float(np.arctan2(across[1], across[0])) - np.pi)
    tilt = rotations.from_rotation_vector(_FOLLOW * lever * across)
    return Waypoint(
        panel.world(_PIVOT + _OUTWARD + spoke), rotations.multiply(tilt, hand), gripper, **rest
    )


def _approach(above: float) -> Step:
    def step(scene: Scene) -> Waypoint:
        grip = _grip(_panel(scene), float(scene.part("handle_qpos")[0]), OPEN)
        return Waypoint(grip.position + above * UP, grip.orientation, tolerance=0.01)

    return step


def _close(scene: Scene) -> Waypoint:
    return Waypoint(scene.hand(), gripper=CLOSED, timeout=12, check_reach=False)


def _turn(lever: float) -> Step:
    def step(scene: Scene) -> Waypoint:
        return _grip(_panel(scene), lever, CLOSED, timeout=15, tolerance=0.02, angle_tolerance=0.3)

    return step


def _swing(by: float) -> Step:
    """Carry what the hand holds round the hinge."""

    def step(scene: Scene) -> Waypoint:
        hinge = _panel(scene).world(_HINGE)
        place = hinge + rotations.rotate(_about_z(by), scene.hand() - hinge)
        turned = rotations.multiply(_about_z(_FOLLOW_SWING * by), scene.hand_quat())
        return Waypoint(place, turned, CLOSED, timeout=6, check_reach=False)

    return step


door: tuple[Step, ...] = (
    _approach(0.10),
    _approach(0.0),
    _close,
    *(_turn(angle) for angle in (-0.3, -0.6, -0.9, -1.2, -1.4)),
    *[_swing(0.15)] * 10,
)

"""Plans that take one thing from above and put it somewhere: Lift, Stack, PickPlaceCan, Square."""

from __future__ import annotations

import numpy as np

from muse.envs.robosuite import rotations
from muse.policies.robosuite_plans.grasp import (
    UP,
    downward,
    nearest_turn,
    opening_angle,
    yaw,
)
from muse.policies.robosuite_plans.scene import Scene, Step
from muse.policies.robosuite_plans.waypoint import CLOSED, OPEN, Waypoint

#: Steps that the fingers take to close.
_GRIP_STEPS = 12
#: The square peg, x and y in m, and the height its nut is released at.
PEG = np.array([0.23, 0.1])
_ABOVE_PEG, _OVER_PEG, _ON_PEG = 1.06, 1.0, 0.86
#: In the can's bin, as near as is safe (its middle is at the end of the arm's reach); heights, m.
_CAN_BIN = np.array([0.16, 0.36])
_ABOVE_BIN, _IN_BIN = 1.08, 0.93


def _reach(name: str, height: float, period: float = np.pi / 2.0) -> Step:
    """Go above or down to an object, the fingers along its sides."""

    def step(scene: Scene) -> Waypoint:
        start = opening_angle(scene.hand_quat())
        angle = nearest_turn(yaw(scene.part(f"{name}_quat")), start, period)
        return Waypoint(scene.part(f"{name}_pos") + height * UP, downward(angle), tolerance=0.006)

    return step


def _close(scene: Scene) -> Waypoint:
    return Waypoint(scene.hand(), gripper=CLOSED, timeout=_GRIP_STEPS, check_reach=False)


def _release(scene: Scene) -> Waypoint:
    return Waypoint(scene.hand(), gripper=OPEN, timeout=8, check_reach=False)


def _rise(height: float, gripper: float) -> Step:
    def step(scene: Scene) -> Waypoint:
        return Waypoint(scene.hand() + height * UP, gripper=gripper, tolerance=0.02)

    return step


def _carry_over_cube(above: float) -> Step:
    def step(scene: Scene) -> Waypoint:
        held = scene.hand() - scene.part("cubeA_pos")
        place = scene.part("cubeB_pos") + held
        return Waypoint(place + above * UP, gripper=CLOSED, tolerance=0.005, max_speed=0.7)

    return step


def _carry_can(height: float) -> Step:
    def step(scene: Scene) -> Waypoint:
        return Waypoint(np.array([*_CAN_BIN, height]), gripper=CLOSED, tolerance=0.02, timeout=90)

    return step


def _nut_handle(above: float) -> Step:
    """Go to the nut's handle, which lies along the nut's x axis, 5.4 cm from its middle."""

    def step(scene: Scene) -> Waypoint:
        position, quat = scene.part("SquareNut_pos"), scene.part("SquareNut_quat")
        handle = position + rotations.rotate(quat, np.array([0.06, 0.0, 0.0]))
        start = opening_angle(scene.hand_quat())
        angle = nearest_turn(yaw(quat) + np.pi / 2.0, start, np.pi)
        return Waypoint(handle + above * UP, downward(angle), tolerance=0.006)

    return step


def _peg_turn(angle: float) -> float:
    """Return the turn that lays the nut's sides along the peg's, its handle not facing away.

    With the handle behind the peg the hand would have to reach farther than the arm can.
    """
    nearest = nearest_turn(0.0, angle, np.pi / 2.0)
    places = [nearest + quarter * np.pi / 2.0 for quarter in (-1, 0, 1)]
    within_reach = [place for place in places if np.cos(place) < 0.5]
    return min((place - angle for place in within_reach), key=abs)


def _nut_over_peg(height: float, tolerance: float, speed: float) -> Step:
    """Bring the nut's middle over the peg, its sides along the peg's."""

    def step(scene: Scene) -> Waypoint:
        position, quat = scene.part("SquareNut_pos"), scene.part("SquareNut_quat")
        turn = _peg_turn(yaw(quat))
        about_z = rotations.from_rotation_vector(turn * UP)
        held = rotations.rotate(about_z, scene.hand() - position)
        place = np.array([*PEG, height]) + held * np.array([1.0, 1.0, 0.0])
        angle = opening_angle(scene.hand_quat()) + turn
        return Waypoint(
            place, downward(angle), CLOSED, tolerance=tolerance, angle_tolerance=0.03,
            timeout=90, max_speed=speed,
        )  # fmt: skip

    return step


lift: tuple[Step, ...] = (
    _reach("cube", 0.08),
    _reach("cube", 0.0),
    _close,
    _rise(0.15, CLOSED),
)
stack: tuple[Step, ...] = (
    _reach("cubeA", 0.08),
    _reach("cubeA", 0.0),
    _close,
    _rise(0.12, CLOSED),
    _carry_over_cube(0.10),
    _carry_over_cube(0.052),
    _release,
    _rise(0.12, OPEN),
)
can: tuple[Step, ...] = (
    _reach("Can", 0.12),
    _reach("Can", 0.02),
    _close,
    _rise(0.22, CLOSED),
    _carry_can(_ABOVE_BIN),
    _carry_can(_IN_BIN),
    _release,
    _rise(0.15, OPEN),
)
square: tuple[Step, ...] = (
    _nut_handle(0.10),
    _nut_handle(0.0),
    _close,
    _rise(0.22, CLOSED),
    _nut_over_peg(_ABOVE_PEG, 0.01, 0.8),
    _nut_over_peg(_OVER_PEG, 0.004, 0.4),
    _nut_over_peg(_ON_PEG, 0.01, 0.4),
    _release,
    _rise(0.15, OPEN),
)

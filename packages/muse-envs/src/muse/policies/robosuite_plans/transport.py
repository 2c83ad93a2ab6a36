"""The plan for TwoArmTransport: uncover the hammer and clear its place, then hand it across.

While the first arm takes the lid off the start bin, the second throws the trash away. The first
then brings the hammer between the tables, where the second takes it by its other end. Each part
of a step looks first whether there is something to do, so that a next round repeats what failed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from muse.envs.robosuite import rotations
from muse.policies.robosuite_plans.grasp import UP, downward, nearest_turn, opening_angle
from muse.policies.robosuite_plans.scene import Scene, Step
from muse.policies.robosuite_plans.transport_grips import (
    Grip,
    Thing,
    take_hammer,
    take_lid,
    take_trash,
)
from muse.policies.robosuite_plans.waypoint import CLOSED, OPEN, Waypoint

#: Where the lid is put, on the first table beside the bin, and how high its handle is there, m.
_LID_PLACE, _LID_HEIGHT = np.array([-0.2, -0.45]), 0.83
#: Where the middle of the hammer's handle is handed over, between the arms, in reach of both, m.
_MEETING = np.array([0.0, 0.0, 1.04])
#: Where the second hand waits for the hammer, m.
_WAITING = np.array([0.0, 0.22, 1.14])
#: Fingers farther apart than this hold nothing, m.
_WIDE = 0.06

#: One arm's part of a step; None where it has nothing to do.
_Part = Callable[[Scene, int], Waypoint | None]


def _nothing(scene: Scene, arm: int) -> None:
    """Leave this step to the other arm."""


def _stay(scene: Scene, arm: int) -> Waypoint:
    """Wait, and hold what is held."""
    gripper = CLOSED if scene.fingers(arm) < _WIDE else OPEN
    return Waypoint(scene.hand(arm), gripper=gripper, timeout=1)


def _reach(thing: Thing, above: float) -> _Part:
    """Go above a thing that is wanted."""

    def part(scene: Scene, arm: int) -> Waypoint | None:
        grip = thing(scene, arm)
        place, turn = grip.point + above * UP, grip.turned(scene.hand_quat(arm))
        return Waypoint(place, turn, max_speed=0.8) if grip.wanted else None

    return part


def _lower(thing: Thing) -> _Part:
    """Go down round a thing that is wanted, slowly: an arm that stops short swings aside."""

    def part(scene: Scene, arm: int) -> Waypoint | None:
        grip = thing(scene, arm)
        turn = grip.turned(scene.hand_quat(arm))
        down = Waypoint(grip.point, turn, tolerance=0.006, angle_tolerance=0.05, max_speed=0.4)
        return down if grip.wanted else None

    return part


def _where_held(thing: Thing, step: Callable[[Scene, int, Grip], Waypoint]) -> _Part:
    """Do something with what the hand has between its fingers, and nothing where it is gone."""

    def part(scene: Scene, arm: int) -> Waypoint | None:
        grip = thing(scene, arm)
        return step(scene, arm, grip) if grip.held else None

    return part


def _close(thing: Thing) -> _Part:
    def step(scene: Scene, arm: int, grip: Grip) -> Waypoint:
        turn = grip.turned(scene.hand_quat(arm))
        return Waypoint(grip.point, turn, CLOSED, timeout=12, check_reach=False)

    return _where_held(thing, step)


def _lift(thing: Thing, height: float) -> _Part:
    def step(scene: Scene, arm: int, grip: Grip) -> Waypoint:
        x, y, z = scene.hand(arm)
        return _loaded(scene, arm, np.array([x, y, max(z, height)]))

    return _where_held(thing, step)


def _carry(thing: Thing, place: Callable[[Scene], np.ndarray]) -> _Part:
    """Bring the middle of a thing to a place."""

    def step(scene: Scene, arm: int, grip: Grip) -> Waypoint:
        return _loaded(scene, arm, place(scene) + scene.hand(arm) - grip.middle)

    return _where_held(thing, step)


def _bring(scene: Scene, arm: int, grip: Grip) -> Waypoint:
    """Bring the hammer's handle to where it is handed over, along y."""
    turn = nearest_turn(0.0, grip.angle, np.pi) - grip.angle
    off = scene.hand(arm) - scene.part("payload_pos")
    held = rotations.rotate(rotations.from_rotation_vector(turn * UP), off)
    return _loaded(scene, arm, _MEETING + held, turn)


def _loaded(scene: Scene, arm: int, place: np.ndarray, turn: float = 0.0) -> Waypoint:
    """Go to a place upright with what the hand holds, turned about the vertical by `turn` rad."""
    upright = downward(opening_angle(scene.hand_quat(arm)) + turn)
    return Waypoint(place, upright, CLOSED, tolerance=0.015, timeout=90, max_speed=0.8)


def _release(thing: Thing) -> _Part:
    def step(scene: Scene, arm: int, grip: Grip) -> Waypoint:
        return Waypoint(scene.hand(arm), timeout=10, check_reach=False)

    return _where_held(thing, step)


def _hand_over(scene: Scene, arm: int) -> Waypoint | None:
    """Let go of the hammer once the other hand has it."""
    return _release(take_hammer)(scene, arm) if take_hammer(scene, 1).held else None


def _rise(thing: Thing, height: float) -> _Part:
    """Leave a thing, unless it is in the hand."""

    def part(scene: Scene, arm: int) -> Waypoint | None:
        x, y, z = scene.hand(arm)
        if z > height or (thing(scene, arm).held and scene.fingers(arm) < _WIDE):
            return None
        return Waypoint(np.array([x, y, height]), tolerance=0.03)

    return part


def _await(scene: Scene, arm: int) -> Waypoint | None:
    """Go where the hammer will come, the fingers opening along x."""
    turn = downward(nearest_turn(0.0, opening_angle(scene.hand_quat(arm)), np.pi))
    held = take_hammer(scene, arm).held
    return None if held else Waypoint(_WAITING, turn, tolerance=0.03)


def _beside(height: float) -> Callable[[Scene], np.ndarray]:
    return lambda scene: np.array([*_LID_PLACE, height])


def _in_bin(name: str, height: float) -> Callable[[Scene], np.ndarray]:
    return lambda scene: scene.part(f"{name}_bin_pos") + height * UP


def _side_by_side(parts: tuple[_Part, _Part]) -> Step:
    def step(scene: Scene) -> tuple[Waypoint, ...] | None:
        ways = [part(scene, arm) for arm, part in enumerate(parts)]
        if not any(ways):
            return None
        return tuple(way or _stay(scene, arm) for arm, way in enumerate(ways))

    return step


transport: tuple[Step, ...] = tuple(
    _side_by_side(parts)
    for parts in (
        (_reach(take_lid, 0.06), _reach(take_trash, 0.20)),
        (_nothing, _reach(take_trash, 0.05)),
        (_lower(take_lid), _lower(take_trash)),
        (_close(take_lid), _close(take_trash)),
        (_lift(take_lid, 1.04), _lift(take_trash, 1.04)),
        (_carry(take_lid, _beside(1.02)), _carry(take_trash, _in_bin("trash", 0.20))),
        (_carry(take_lid, _beside(_LID_HEIGHT)), _carry(take_trash, _in_bin("trash", 0.10))),
        (_release(take_lid), _release(take_trash)),
        (_rise(take_lid, 1.04), _rise(take_trash, 1.04)),
        (_reach(take_hammer, 0.20), _await),
        (_reach(take_hammer, 0.05), _nothing),
        (_lower(take_hammer), _nothing),
        (_close(take_hammer), _nothing),
        (_lift(take_hammer, 1.07), _nothing),
        (_where_held(take_hammer, _bring), _nothing),
        (_nothing, _reach(take_hammer, 0.08)),
        (_nothing, _lower(take_hammer)),
        (_nothing, _close(take_hammer)),
        (_hand_over, _nothing),
        (_rise(take_hammer, 1.16), _nothing),
        (_nothing, _carry(take_hammer, _in_bin("target", 0.22))),
        (_nothing, _carry(take_hammer, _in_bin("target", 0.05))),
        (_nothing, _release(take_hammer)),
        (_nothing, _rise(take_hammer, 1.04)),
        (_stay, _stay),  # a round takes a step at least
    )
)

"""How the arms of TwoArmTransport take the lid, the trash and the hammer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from muse.envs.robosuite import rotations
from muse.policies.robosuite_plans.grasp import downward, nearest_turn, opening_angle, yaw
from muse.policies.robosuite_plans.scene import Scene

#: A lid's handle above this height lies on the bin; a hammer above the other is in a hand, m.
_ON_BIN, _IN_THE_AIR = 0.9, 1.0
#: From the middle of the handle: to where each hand takes it, to its ends, to the hammer's own, m.
_GRIPS, _HALF_HANDLE, _HEAD_SHIFT = (0.03, 0.07), 0.1, 0.015
#: How near a hand is to what it has between its fingers, m.
_BETWEEN = 0.03
#: How the hands are tilted that hold the hammer: the second, stretched out, towards the first, rad.
_TILTS = (0.0, -0.35)


@dataclass(frozen=True)
class Grip:
    """How one hand takes a thing.

    Args:
        point: where, (3,) m.
        middle: of the thing, (3,) m.
        angle: in which the fingers open, from the world's x, rad.
        period: turns that do as well, rad.
        wanted: whether it still has to be taken.
        held: whether the hand has it between its fingers.
        tilt: of the hand from upright, about the world's x, rad.
    """

    point: np.ndarray
    middle: np.ndarray
    angle: float
    period: float
    wanted: bool
    held: bool
    tilt: float = 0.0

    def turned(self, hand_quat: np.ndarray) -> np.ndarray:
        """Return the hand (4,) pointing down at the thing, by the least turn from `hand_quat`."""
        angle = nearest_turn(self.angle, opening_angle(hand_quat), self.period)
        tilt = rotations.from_rotation_vector(np.array([self.tilt, 0.0, 0.0]))
        return rotations.multiply(tilt, downward(angle))


#: Says how an arm takes a thing.
Thing = Callable[[Scene, int], Grip]


def take_lid(scene: Scene, arm: int) -> Grip:
    """Take the lid by its handle."""
    handle = scene.part("lid_handle_pos")
    held = bool(np.linalg.norm(scene.hand(arm) - handle) < _BETWEEN)
    wanted = bool(handle[2] > _ON_BIN)
    return Grip(handle, handle, yaw(scene.part("lid_handle_quat")), np.pi, wanted, held)


def take_trash(scene: Scene, arm: int) -> Grip:
    """Take the cube by either pair of its sides."""
    cube = scene.part("trash_pos")
    held = bool(np.linalg.norm(scene.hand(arm) - cube) < _BETWEEN)
    wanted = not scene.part("trash_in_trash_bin")[0]
    return Grip(cube, cube, yaw(scene.part("trash_quat")), np.pi / 2.0, wanted, held)


def take_hammer(scene: Scene, arm: int) -> Grip:
    """Take the hammer by that end of its handle which is nearer to the arm."""
    handle = scene.part("payload_pos")
    to_head = rotations.rotate(scene.part("payload_quat"), np.array([0.0, 0.0, 1.0]))
    along = to_head * np.sign(to_head[1]) * (-1.0 if arm == 0 else 1.0)
    off = scene.hand(arm) - handle
    at = np.clip(off @ along, -_HALF_HANDLE, _HALF_HANDLE)
    held = bool(np.linalg.norm(off - at * along) < _BETWEEN)
    in_the_air = bool(handle[2] > _IN_THE_AIR)
    free = in_the_air if arm == 1 else not (in_the_air or take_lid(scene, arm).wanted)
    wanted = free and not held and not scene.part("payload_in_target_bin")[0]
    across = float(np.arctan2(along[1], along[0])) + np.pi / 2.0
    point = handle + (at if held else _GRIPS[arm]) * along
    return Grip(point, handle + _HEAD_SHIFT * to_head, across, np.pi, wanted, held, _TILTS[arm])

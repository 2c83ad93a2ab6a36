"""One stop on a hand's way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

OPEN, CLOSED = -1.0, 1.0


@dataclass(frozen=True)
class Waypoint:
    """Where one hand shall go, and when it counts as there.

    Args:
        position: in the world, (3,) m.
        orientation: of the hand, (4,) xyzw; None keeps what it has when the waypoint is begun.
        gripper: -1 open to 1 closed.
        timeout: steps after which the next waypoint is begun all the same.
        check_reach: go on as soon as the hand is there; False waits for the timeout.
        tolerance: how near is there, m.
        angle_tolerance: how near is there, rad.
        max_speed: largest part of a full step, 0 to 1.
    """

    position: np.ndarray
    orientation: np.ndarray | None = None
    gripper: float = OPEN
    timeout: int = 60
    check_reach: bool = True
    tolerance: float = 0.01
    angle_tolerance: float = 0.08
    max_speed: float = 1.0

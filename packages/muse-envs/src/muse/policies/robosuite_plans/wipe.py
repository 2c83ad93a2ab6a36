"""The plan for Wipe: press the pad on the table and visit what dirt is left, the nearest first."""

from __future__ import annotations

import numpy as np

from muse.core.errors import UsageError
from muse.policies.robosuite_plans.grasp import UP, downward
from muse.policies.robosuite_plans.scene import Scene, Step
from muse.policies.robosuite_plans.waypoint import Waypoint

#: How far under the table's top the pad is told to go, which presses it on, m.
_PRESS = 0.01
_PAD = downward(-np.pi / 2.0)


def _dirt(scene: Scene) -> np.ndarray:
    """Return where dirt is left, (n, 3) m."""
    try:
        places, wiped = scene.observed("objects/position"), scene.observed("objects/wiped")
    except KeyError as error:
        raise UsageError(
            "the expert of Wipe looks at the dirt: make the environment with parse_objects=True"
        ) from error
    left: np.ndarray = places[wiped < 0.5]
    return left if len(left) else places


def _nearest(scene: Scene) -> np.ndarray:
    dirt = _dirt(scene)
    place: np.ndarray = dirt[np.argmin(np.linalg.norm(dirt[:, :2] - scene.hand()[:2], axis=1))]
    return place


def _above(scene: Scene) -> Waypoint:
    return Waypoint(_nearest(scene) + 0.05 * UP, _PAD, tolerance=0.02)


def _wipe(scene: Scene) -> Waypoint:
    return Waypoint(_nearest(scene) - _PRESS * UP, _PAD, timeout=4, max_speed=0.5)


#: Down once, then from one to the next; lifted now and then in case the pad is caught.
wipe: tuple[Step, ...] = (_above, *[_wipe] * 400)

"""What a plan sees, and what a step of it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from muse.envs.robosuite.tasks import Task
from muse.policies.robosuite_plans.waypoint import Waypoint


class Scene:
    """What a plan sees: one row of an observation.

    Args:
        task: which says what `object` holds.
        row: the observation's leaves without the batch dimension.
    """

    def __init__(self, task: Task, row: dict[str, np.ndarray]) -> None:
        self._task, self._row = task, row

    def part(self, name: str) -> np.ndarray:
        """Return a part of `object`, such as `cube_pos`."""
        return self._row["object"][self._task.part(name)]

    def observed(self, name: str) -> np.ndarray:
        """Return an observation by its name."""
        return self._row[name]

    def hand(self, arm: int = 0) -> np.ndarray:
        """Return where the fingertips meet, (3,) m."""
        return self._row[f"robot{arm}_eef_pos"]

    def hand_quat(self, arm: int = 0) -> np.ndarray:
        """Return how the hand is turned, (4,) xyzw."""
        return self._row[f"robot{arm}_eef_quat"]

    def fingers(self, arm: int = 0) -> float:
        """Return how far the fingers are apart, m."""
        return float(np.abs(np.diff(self._row[f"robot{arm}_gripper_qpos"]))[0])


#: A step looks at the scene and says where each hand shall go; None where it does not apply.
Step = Callable[[Scene], Waypoint | tuple[Waypoint, ...] | None]

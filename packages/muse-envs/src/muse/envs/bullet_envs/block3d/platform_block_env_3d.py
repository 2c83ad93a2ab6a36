"""One block on a table with platforms round it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from muse.core.params import Param
from muse.envs.bullet_envs.block3d.block_env_3d import TABLE_TASKS, BlockEnv3D
from muse.envs.bullet_envs.block3d.layout import (
    DIRECTIONS,
    PLATFORM_EXTENT,
    PLATFORM_HEIGHT,
    PLATFORM_TABLE,
)
from muse.envs.bullet_envs.block3d.shapes import DARK_WOOD, add_box


class PlatformBlockEnv3D(BlockEnv3D):
    """`BlockEnv3D` with a raised rim: `lift_*` carries the object onto the platform on that side.

    `lift_to_platform` takes the nearest one.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("task", str | None, "lift_to_platform",
              "the play primitive to carry out; None to play freely",
              choices=(*TABLE_TASKS, "lift_to_platform", None)),
    )  # fmt: skip
    table = PLATFORM_TABLE

    def get_nearest_platform(self) -> str:
        """Return the side of the platform nearest to the object: left, right, forward, backward."""
        position, _ = self.bullet.getBasePositionAndOrientation(self.object)
        return _nearest_platform(np.array(position))

    def _load_furniture(self) -> None:
        super()._load_furniture()
        (x, y), (half_x, half_y) = self.table.middle, self.table.half
        half, height = 0.5 * PLATFORM_EXTENT, 0.5 * PLATFORM_HEIGHT
        for way in DIRECTIONS.values():
            # The platforms left and right fill the corners.
            length = half_x + PLATFORM_EXTENT if way[1] else half_y
            extents = np.where(way != 0, half, length)
            middle = np.array([x, y]) + way * (np.array([half_x, half_y]) + half)
            add_box(self.bullet, [*extents, height], [*middle, height], DARK_WOOD)

    def _goal_pose(
        self, task: str, position: np.ndarray, euler: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        verb, _, way = task.rpartition("_")
        if task == "lift_to_platform":
            way = _nearest_platform(position)
        elif verb != "lift" or way not in DIRECTIONS:
            return super()._goal_pose(task, position, euler)
        goal, side = position.copy(), DIRECTIONS[way]
        middle = np.array(self.table.middle) + side * (
            np.array(self.table.half) + 0.5 * PLATFORM_EXTENT
        )
        goal[:2] = np.where(side != 0, middle, position[:2])
        goal[2] += PLATFORM_HEIGHT
        return goal, euler.copy()

    def _goal_fits(self, goal: np.ndarray) -> bool:
        # Beside a platform there is no room for fingers that push.
        return bool(goal[2] > PLATFORM_HEIGHT) or self.table.part(0.75).holds(goal)


def _nearest_platform(position: np.ndarray) -> str:
    """Return the side whose platform is nearest to `position` (3,)."""
    inside = (position[:2] - PLATFORM_TABLE.middle) / PLATFORM_TABLE.half
    return max(DIRECTIONS, key=lambda way: float(DIRECTIONS[way] @ inside))

"""Set an upright block onto another shelf, under gravity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, positive
from muse.envs.pymunk import maze as mazes
from muse.envs.pymunk.arrange_block_env_2d import ArrangeBlockEnv2D
from muse.envs.pymunk.block_env_2d import BlockEnv2D
from muse.envs.pymunk.block_layouts import BlockLayouts
from muse.envs.pymunk.block_world import INNER_WALL_RADIUS
from muse.envs.pymunk.checks import pair, pair_of_sizes, size_or_sides

#: (row, first column, last column) of the cells that stand on each shelf of the 8 x 8 maze.
LEDGES = ((4, 0, 1), (6, 2, 2), (5, 6, 7))
#: Where blocks and goals may stand: (left, right, height) as shares of the grid.
SURFACES = ((0.0, 0.25, 0.375), (0.375, 0.75, 0.0), (0.75, 1.0, 0.25))
#: A block that starts with more tilt than this is refused.
MAX_TILT = math.radians(18.0)
#: The tilt that still counts as upright.
UPRIGHT = math.radians(15.0)


def ledge_maze() -> list[list[int]]:
    """Return the 8 x 8 cells whose only walls are the border and the three ledges."""
    maze = mazes.open_maze(8)
    for row, first, last in LEDGES:
        for column in range(first, last + 1):
            mazes.add_wall(maze, (row, column), mazes.SOUTH)
    rows: list[list[int]] = maze.tolist()
    return rows


class _StackLayouts(BlockLayouts):
    """The block stands on one surface, its goal is on another; the agent starts highest."""

    def draw(self, rng: np.random.Generator, presets: Mapping[str, object]) -> AttrDict:
        layout = super().draw(rng, presets)
        if (np.abs(layout["block_angles"]) > MAX_TILT).any():
            raise EnvError(
                f"{self.owner}: block_angles={layout['block_angles'].tolist()} are not allowed: "
                f"blocks start upright, to {math.degrees(MAX_TILT):g} degrees"
            )
        return layout

    def draw_block_positions(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        goal = layout["goal_position"]
        free = [s for s in SURFACES if not s[0] <= goal[0] / self.grid[0] <= s[1]]
        if len(layout["block_sizes"]) > len(free):
            raise EnvError(
                f"{self.owner}: no room for {len(layout['block_sizes'])} blocks; at most "
                f"{len(free)} find a surface of their own"
            )
        chosen = rng.permutation(len(free))
        return np.array(
            [
                self._standing(rng, free[surface], size)
                for surface, size in zip(chosen, layout["block_sizes"], strict=False)
            ]
        )

    def draw_goal_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        surfaces = list(SURFACES)
        if "block_positions" in given:
            at = given["block_positions"][0, 0] / self.grid[0]
            surfaces = [s for s in SURFACES if not s[0] <= at <= s[1]]
        surface = surfaces[int(rng.integers(len(surfaces)))]
        return self._standing(rng, surface, layout["block_sizes"][0])

    def draw_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        radius = self.agent_size / 2
        tops = layout["block_positions"][:, 1] + np.hypot(*layout["block_sizes"].T) / 2
        lowest = min(tops.max() + radius, self.grid[1] - 1.5 * radius)
        return rng.uniform([radius, lowest], self.grid - radius)

    def _standing(
        self, rng: np.random.Generator, surface: tuple[float, float, float], size: np.ndarray
    ) -> np.ndarray:
        """Draw where a block stands on a surface, wholly and not at its very edge."""
        left, right, height = np.array(surface) * self.grid[[0, 0, 1]]
        inset = size[0] / 2 + 5.0
        ground = height + (INNER_WALL_RADIUS if height else 0.0)
        return np.array([rng.uniform(left + inset, right - inset), ground + size[1] / 2])


class StackBlockEnv2D(BlockEnv2D):
    """A block and three ledges; the block is to stand upright on another surface.

    Observations and actions as in `BlockEnv2D`, with `block_angles` and `block_sizes`. The grip is
    too weak to keep a block from turning that it holds far from its middle, so that blocks can be
    pushed, pulled, tipped and turned as in the play data of PLATO (Belkhale and Sadigh 2022); see
    `success_functions` for how well such a move went.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_blocks", int, 1, "blocks on the grid; the first one is to be moved",
              check=positive),
        Param("grid_size", list[int], [400, 400], "width and height of the world", "px",
              check=pair_of_sizes),
        Param("num_maze_cells", int, 8, "cells along each side of the maze", check=positive),
        Param("fixed_np_maze", list[list[int]] | None, ledge_maze(),
              "the maze of every episode, walls N 8 + W 4 + S 2 + E 1; None draws one each time"),
        Param("block_size", float | list[float], [40.0, 80.0],
              "side of a block, or width and height", "px", check=size_or_sides),
        Param("block_size_lower", float | list[float] | None, [30.0, 30.0],
              "least size when sizes are drawn; None for block_size", "px", check=size_or_sides),
        Param("block_size_upper", float | list[float] | None, [60.0, 80.0],
              "greatest size when sizes are drawn; None for block_size", "px",
              check=size_or_sides),
        Param("agent_size", float | None, 40.0,
              "diameter of the agent; None for the smaller side of block_size", "px",
              check=positive),
        Param("gravity", list[float], [0.0, -100.0], "acceleration of every body", "px/s^2",
              check=pair),
        Param("grab_action_max_force", float, 10_000.0, "upper bound of the grip's force",
              check=positive),
    )  # fmt: skip
    success_rule = (
        "the centre of the first block is within `tolerance` of the goal, and the block stands "
        f"upright to {math.degrees(UPRIGHT):g} degrees"
    )
    layouts_cls: ClassVar[type[BlockLayouts]] = _StackLayouts
    default_observations: ClassVar[tuple[str, ...]] = (
        *ArrangeBlockEnv2D.default_observations,
        "maze",
    )

    def _task_succeeded(self) -> bool:
        # Half a turn leaves a rectangle as it was.
        tilt = (self.world.blocks[0].angle + math.pi / 2) % math.pi - math.pi / 2
        return super()._task_succeeded() and abs(tilt) <= UPRIGHT

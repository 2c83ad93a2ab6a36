"""Reach the goal behind a row of walls, each with one opening."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError
from muse.core.params import Param, imported, non_negative, positive
from muse.envs.pymunk import maze as mazes
from muse.envs.pymunk.block_layouts import PLACEMENT_TRIES
from muse.envs.pymunk.block_observers import SpecRow
from muse.envs.pymunk.maze import Cell
from muse.envs.pymunk.navigation_block_env_2d import NavigationBlockEnv2D, _NavigationLayouts


class _BottleneckLayouts(_NavigationLayouts):
    """The maze has C lanes, parted by C - 1 walls; wall w is open at cell `maze_low_dim[w]`."""

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"maze_low_dim": (self.cells - 1,), **super().shapes()}

    def draw_maze_low_dim(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        p = self.params
        if not p.randomize_maze:
            return self._within(np.array(p.bottleneck_indices))
        skip = None if p.skip_bottleneck_fn is None else imported(p.skip_bottleneck_fn)
        for _ in range(PLACEMENT_TRIES):
            drawn = rng.integers(self.cells, size=self.cells - 1)
            if skip is None or not skip(tuple(drawn.tolist())):
                return drawn
        raise EnvError(f"{self.owner}: skip_bottleneck_fn refused {PLACEMENT_TRIES} drawn mazes")

    def draw_maze(self, rng: np.random.Generator, layout: AttrDict, given: AttrDict) -> np.ndarray:
        openings = self._within(layout["maze_low_dim"])
        maze = mazes.open_maze(self.cells)
        for wall, opening in enumerate(openings.tolist()):
            for across in set(range(self.cells)) - {int(opening)}:
                if self.params.horizontal:
                    mazes.add_wall(maze, (wall, across), mazes.SOUTH)
                else:
                    mazes.add_wall(maze, (across, wall), mazes.EAST)
        return maze

    def draw_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        cells = self._cells_of("valid_start_idxs") or self._lane(0)
        taken = [(layout["goal_position"], self._away())]
        return self.draw_free(rng, taken, self.agent_size / 2, cells)

    def _goal_cells(self) -> list[Cell]:
        return super()._goal_cells() or self._lane(self.cells - 1)

    def _lane(self, index: int) -> list[Cell]:
        horizontal = self.params.horizontal
        return [(index, i) if horizontal else (i, index) for i in range(self.cells)]

    def _within(self, openings: np.ndarray) -> np.ndarray:
        if (openings < 0).any() or (openings >= self.cells).any():
            raise EnvError(
                f"{self.owner}: openings {openings.tolist()} are not allowed: expected cells "
                f"0 to {self.cells - 1}"
            )
        return openings


class BottleneckNavigationBlockEnv2D(NavigationBlockEnv2D):
    """The agent crosses the walls of a C x C maze, each open at one cell, to the last lane.

    Observations as in `BlockEnv2D` without blocks, and `maze_low_dim` (B, C - 1): the cell at
    which each wall is open, once an episode; it is also a preset.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_blocks", int, 0, "blocks on the grid", check=non_negative),
        Param("num_maze_cells", int, 4, "cells along each side, one more than there are walls",
              check=positive),
        Param("bottleneck_indices", list[int], [1, 3, 2], "the cell at which each wall is open"),
        Param("horizontal", bool, True, "walls lie across the way down; false: across that right"),
        Param("randomize_maze", bool, False, "draw the openings in each episode"),
        Param("skip_bottleneck_fn", Callable | str | None, None,
              "function (openings) -> bool, or its import path: true for drawn openings to leave "
              "out, such as those held out for a test"),
    )  # fmt: skip
    preset_names: ClassVar[tuple[str, ...] | None] = (
        "maze_low_dim",
        *(name for name in NavigationBlockEnv2D.preset_names or () if name != "maze"),
    )
    layouts_cls = _BottleneckLayouts
    default_observations: ClassVar[tuple[str, ...]] = (
        *NavigationBlockEnv2D.default_observations,
        "maze_low_dim",
    )

    @classmethod
    def resolve_params(cls, params: Mapping[str, Any] | None = None) -> AttrDict:
        """Return `params` completed; refuses walls and cells that do not fit together."""
        p = super().resolve_params(params)
        if len(p.bottleneck_indices) != p.num_maze_cells - 1:
            raise ParamError(
                f"{cls.__name__}: bottleneck_indices={p.bottleneck_indices} is not allowed: "
                f"num_maze_cells={p.num_maze_cells} takes {p.num_maze_cells - 1} of them"
            )
        if p.fixed_np_maze is not None:
            raise ParamError(
                f"{cls.__name__}: fixed_np_maze is not allowed here: set bottleneck_indices"
            )
        return p

    @classmethod
    def further_rows(cls, env_params: AttrDict) -> list[SpecRow]:
        cells = env_params.num_maze_cells
        return [("maze_low_dim", (cells - 1,), (0, cells - 1), "int64")]

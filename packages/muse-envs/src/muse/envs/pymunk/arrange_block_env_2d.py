"""Put a block where it belongs in a row of blocks, under gravity."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, positive
from muse.envs.pymunk.block_env_2d import BlockEnv2D
from muse.envs.pymunk.block_layouts import BlockLayouts
from muse.envs.pymunk.checks import pair, size_or_sides

#: Free floor on each side of a block at the goal, px beyond the tolerance.
GAP = 10.0


class _ArrangeLayouts(BlockLayouts):
    """Blocks stand on the floor in a row, with a gap for the goal somewhere among them."""

    def shapes(self) -> dict[str, tuple[int, ...]]:
        shapes = super().shapes()
        # The goal goes where the blocks leave room.
        for name in ("goal_position", "position"):
            shapes[name] = shapes.pop(name)
        return shapes

    def draw_block_positions(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        sizes = layout["block_sizes"]
        widths = np.append(sizes[:, 0], self._slot(sizes))
        free = self.grid[0] - widths.sum()
        if free < 0:
            raise EnvError(
                f"{self.owner}: no room for {len(sizes)} blocks and the goal in a row of "
                f"{self.grid[0]:g} px; use fewer or smaller ones"
            )
        order = rng.permutation(len(widths))
        # Uniform over all ways to share the free floor out between them.
        cuts = np.sort(rng.uniform(0.0, free, len(widths)))
        lefts = cuts + np.concatenate([[0.0], np.cumsum(widths[order])[:-1]])
        centers = np.empty(len(widths))
        centers[order] = lefts + widths[order] / 2
        return np.stack([centers[:-1], sizes[:, 1] / 2], axis=1)

    def draw_goal_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        sizes, centers = layout["block_sizes"], layout["block_positions"][:, 0]
        order = np.argsort(centers)
        halves = sizes[order, 0] / 2
        rights = np.append(centers[order] - halves, self.grid[0])
        lefts = np.append(0.0, centers[order] + halves)
        room = rights - lefts - self._slot(sizes)
        if room.max() < -1e-6:
            raise EnvError(f"{self.owner}: the blocks leave no gap of {self._slot(sizes):g} px")
        chosen = rng.choice(np.flatnonzero(room >= -1e-6))
        left = lefts[chosen] + rng.uniform(0.0, max(room[chosen], 0.0))
        return np.array([left + self._slot(sizes) / 2, sizes[0, 1] / 2])

    def _slot(self, sizes: np.ndarray) -> float:
        return float(sizes[0, 0] + 2 * (self.params.tolerance + GAP))


class ArrangeBlockEnv2D(BlockEnv2D):
    """Six blocks of different sizes in a row; the first is to fill a gap, so it has to be lifted.

    Observations and actions as in `BlockEnv2D`, with `block_angles` and `block_sizes`; there is no
    maze, and the agent holds one block at a time.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_blocks", int, 6, "blocks on the grid; the first one is to be moved",
              check=positive),
        Param("num_maze_cells", int, 1, "cells along each side of the maze; 1 for an open grid",
              check=positive),
        Param("block_size_lower", float | list[float] | None, 30.0,
              "least size when sizes are drawn; None for block_size", "px", check=size_or_sides),
        Param("block_size_upper", float | list[float] | None, 80.0,
              "greatest size when sizes are drawn; None for block_size", "px",
              check=size_or_sides),
        Param("gravity", list[float], [0.0, -100.0], "acceleration of every body", "px/s^2",
              check=pair),
        Param("grab_one_only", bool, True, "hold at most one block"),
    )  # fmt: skip
    layouts_cls: ClassVar[type[BlockLayouts]] = _ArrangeLayouts
    default_observations: ClassVar[tuple[str, ...]] = (
        "position",
        "velocity",
        "block_positions",
        "block_velocities",
        "block_angles",
        "block_sizes",
        "bounding_box",
        "block_bounding_boxes",
        "grab_binary",
        "goal_position",
    )

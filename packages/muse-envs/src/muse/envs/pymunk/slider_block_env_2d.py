"""Slide blocks along grooves to their marks."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, positive
from muse.envs.pymunk.block_env_2d import BlockEnv2D
from muse.envs.pymunk.block_layouts import BlockLayouts
from muse.envs.pymunk.block_observers import SpecRow
from muse.envs.pymunk.block_world import BlockWorld
from muse.envs.pymunk.checks import pair_of_sizes
from muse.envs.pymunk.maze import Segment

#: Ends of the groove along x and of the one along y, as shares of the grid.
GROOVES = (((0.12, 0.3), (0.62, 0.3)), ((0.8, 0.15), (0.8, 0.85)))


def groove(index: int, grid_size: tuple[float, float]) -> Segment:
    """Return both ends of the groove that block `index` slides on, px."""
    (ax, ay), (bx, by) = GROOVES[index]
    width, height = grid_size
    return (ax * width, ay * height), (bx * width, by * height)


class _SliderWorld(BlockWorld):
    """Blocks that stay on their grooves and never turn."""

    @property
    def grooves(self) -> list[Segment]:
        return [groove(i, self.options.grid_size) for i in range(len(self.blocks))]

    def linear_position(self, index: int) -> float:
        """Return where on its groove a block is, from 0 to 1."""
        start, end = groove(index, self.options.grid_size)
        axis = 0 if end[0] != start[0] else 1
        at: float = self.blocks[index].position[axis]
        return (at - start[axis]) / (end[axis] - start[axis])

    def _add_block(
        self, center: tuple[float, float], angle: float, size: np.ndarray, mass: float
    ) -> None:
        super()._add_block(center, angle, size, mass)
        start, end = self.grooves[-1]
        body = self.blocks[-1]
        self.space.add(
            self._pymunk.GrooveJoint(self.space.static_body, body, start, end, (0.0, 0.0))
        )

    def _moment(self, mass: float, sides: tuple[float, float]) -> float:
        return math.inf


class _SliderLayouts(BlockLayouts):
    """Each slider starts somewhere on its groove, away from its mark."""

    def shapes(self) -> dict[str, tuple[int, ...]]:
        n = self.params.num_blocks
        linear = {"goal_linear_positions": (n,), "block_linear_positions": (n,)}
        return {**linear, **super().shapes()}

    def draw_goal_linear_positions(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        start = given.get("block_linear_positions")
        if start is None:
            return rng.uniform(0.0, 1.0, self.params.num_blocks)
        return self._away_from(rng, self._within(start))

    def draw_block_linear_positions(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        return self._away_from(rng, self._within(layout["goal_linear_positions"]))

    def draw_block_positions(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        shares = self._within(layout["block_linear_positions"])
        return np.array([self._point(i, share) for i, share in enumerate(shares)])

    def draw_goal_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        return self._point(0, layout["goal_linear_positions"][0])

    def _point(self, index: int, share: float) -> np.ndarray:
        start, end = (np.array(p) for p in groove(index, tuple(self.grid)))
        point: np.ndarray = start + share * (end - start)
        return point

    def _away_from(self, rng: np.random.Generator, shares: np.ndarray) -> np.ndarray:
        """Draw places on the grooves at least min_goal_distance from those given."""
        drawn = np.empty(len(shares))
        for i, share in enumerate(shares):
            gap = self._away() / math.dist(*groove(i, tuple(self.grid)))
            below, above = max(share - gap, 0.0), max(1.0 - share - gap, 0.0)
            if below + above <= 0.0:
                raise EnvError(
                    f"{self.owner}: nowhere on its groove is block {i} "
                    f"min_goal_distance={self._away():g} px from its mark; lower it"
                )
            at = rng.uniform(0.0, below + above)
            drawn[i] = at if at < below else share + gap + (at - below)
        return drawn

    def _within(self, shares: np.ndarray) -> np.ndarray:
        if (shares < 0).any() or (shares > 1).any():
            raise EnvError(
                f"{self.owner}: linear positions {shares.tolist()} are not allowed: expected "
                "shares of the groove, 0 to 1"
            )
        return shares


class SliderBlockEnv2D(BlockEnv2D):
    """One block slides on a groove along x, a second one along y; both are to reach their marks.

    Observations and actions as in `BlockEnv2D`, and `block_linear_positions` (B, n) and
    `goal_linear_positions` (B, n): where on its groove a block and its mark are, from 0 to 1.
    `goal_position` is the mark of the first block. Starts are preset by the linear positions.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_blocks", int, 2, "1: a block that slides along x; 2: and one along y",
              choices=(1, 2)),
        Param("num_maze_cells", int, 1, "cells along each side of the maze; 1 for an open grid",
              check=positive),
        Param("grid_size", list[int], [400, 400], "width and height of the world", "px",
              check=pair_of_sizes),
        Param("block_size", float, 40.0, "side of a block, diameter of the agent", "px",
              check=positive),
    )  # fmt: skip
    preset_names: ClassVar[tuple[str, ...] | None] = (
        "block_linear_positions",
        "goal_linear_positions",
        *(
            name
            for name in BlockEnv2D.preset_names or ()
            if name not in ("block_positions", "block_angles", "goal_position")
        ),
    )
    success_rule = "every block is within `tolerance` of its mark"
    layouts_cls: ClassVar[type[BlockLayouts]] = _SliderLayouts
    world_cls: ClassVar[type[BlockWorld]] = _SliderWorld
    default_observations: ClassVar[tuple[str, ...]] = (
        "position",
        "velocity",
        "block_positions",
        "block_velocities",
        "bounding_box",
        "block_bounding_boxes",
        "grab_binary",
        "goal_position",
        "block_linear_positions",
        "goal_linear_positions",
    )

    @classmethod
    def further_rows(cls, env_params: AttrDict) -> list[SpecRow]:
        n = env_params.num_blocks
        # A hard push moves a block a little beyond the end of its groove.
        return [
            ("block_linear_positions", (n,), (-0.1, 1.1), "float32"),
            ("goal_linear_positions", (n,), (0.0, 1.0), "float32"),
        ]

    def _marks(self) -> list[np.ndarray]:
        """Return the mark of each block, (2,) px."""
        return [
            np.array(a) + share * (np.array(b) - np.array(a))
            for (a, b), share in zip(
                self.world.grooves, self._layout["goal_linear_positions"], strict=True
            )
        ]

    def _distance(self) -> float:
        return max(
            math.dist(block.position, mark)
            for block, mark in zip(self.world.blocks, self._marks(), strict=True)
        )

    def _zones(self) -> list[tuple[np.ndarray, np.ndarray]]:
        sides = self._layout["block_sizes"] + 2 * self.params.tolerance
        return list(zip(self._marks(), sides, strict=True))

    def _observation(self, name: str) -> Any:
        if name == "block_linear_positions":
            world: Any = self.world
            return [world.linear_position(i) for i in range(self.params.num_blocks)]
        return super()._observation(name)

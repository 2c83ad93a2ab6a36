"""Pictures of the 2-D block family, drawn on a surface in memory: no display is opened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.block_world import INNER_WALL_RADIUS, BlockWorld
from muse.envs.pymunk.maze import Segment, inner_walls
from muse.envs.pymunk.simulators import load_pygame

BACKGROUND = (245, 245, 240)
AGENT, AGENT_HOLDING = (40, 90, 220), (250, 190, 20)
GOAL, GOAL_EDGE = (150, 225, 150), (40, 150, 60)
WALL, GROOVE = (90, 90, 95), (200, 200, 195)
#: Side of the drawing from which smaller pictures are averaged, px.
CANVAS = 256


class BlockRenderer:
    """Draws the world with y up.

    Args:
        grid_size: (width, height) of the world, px.
    """

    def __init__(self, grid_size: tuple[float, float]) -> None:
        self._pygame = load_pygame("BlockEnv2D")
        self._grid_size = grid_size
        self._scale = CANVAS / max(grid_size)
        size = tuple(max(1, round(side * self._scale)) for side in grid_size)
        self._surface = self._pygame.Surface(size, depth=32)

    def picture(
        self,
        world: BlockWorld,
        layout: AttrDict,
        size: tuple[int, int] | None = None,
        zones: Sequence[tuple[np.ndarray, np.ndarray]] = (),
    ) -> np.ndarray:
        """Return the scene as (H, W, 3) uint8 RGB.

        Args:
            world: the bodies.
            layout: what the episode started from: sizes, colours, walls.
            size: (H, W); None for the size it is drawn at.
            zones: centre (2,) and sides (2,) of each goal zone, px of the grid.
        """
        surface, draw = self._surface, self._pygame.draw
        surface.fill(BACKGROUND)
        for a, b in world.grooves:
            draw.line(surface, GROOVE, self._pixel(a), self._pixel(b), 4)
        for center, sides in zones:
            corners = self._rectangle(center, 0.0, sides)
            draw.polygon(surface, GOAL, corners)
            draw.polygon(surface, GOAL_EDGE, corners, 4)
        for block, sides, color in zip(
            world.blocks, layout["block_sizes"], layout["block_colors"], strict=True
        ):
            corners = self._rectangle(block.position, block.angle, sides)
            draw.polygon(surface, tuple(int(c) for c in color), corners)
        for wall in inner_walls(layout["maze"], self._grid_size):
            self._wall(wall)
        self._agent(world)
        if size is not None:
            # Averages areas, so that positions show to a fraction of a pixel.
            surface = self._pygame.transform.smoothscale(surface, (size[1], size[0]))
        return np.ascontiguousarray(self._pygame.surfarray.array3d(surface).swapaxes(0, 1))

    def _agent(self, world: BlockWorld) -> None:
        center = self._pixel(world.agent.position)
        radius = world.options.agent_size / 2 * self._scale
        self._pygame.draw.circle(self._surface, AGENT, center, radius)
        if world.held:
            self._pygame.draw.circle(self._surface, AGENT_HOLDING, center, radius * 0.6)

    def _wall(self, wall: Segment) -> None:
        # Filled: a thick line of pygame would not reach past its ends to close the corners.
        r = max(INNER_WALL_RADIUS * self._scale, 1.0)
        (ax, ay), (bx, by) = (self._pixel(end) for end in wall)
        left, top = min(ax, bx) - r, min(ay, by) - r
        area = (round(left), round(top), round(abs(bx - ax) + 2 * r), round(abs(by - ay) + 2 * r))
        self._surface.fill(WALL, area)

    def _rectangle(
        self, center: Sequence[float] | np.ndarray, angle: float, sides: np.ndarray
    ) -> list[tuple[float, float]]:
        x, y = center
        cos, sin = math.cos(angle), math.sin(angle)
        w, h = sides[0] / 2, sides[1] / 2
        corners = ((w, h), (-w, h), (-w, -h), (w, -h))
        return [
            self._pixel((x + cos * px - sin * py, y + sin * px + cos * py)) for px, py in corners
        ]

    def _pixel(self, point: Any) -> tuple[float, float]:
        x, y = point
        return float(x) * self._scale, (self._grid_size[1] - float(y)) * self._scale

"""Pictures of the 2-D block family, drawn on a surface in memory: no display is opened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from muse.envs.pymunk.block_world import BlockWorld
from muse.envs.pymunk.simulators import load_pygame

Color = tuple[int, int, int]

BACKGROUND = (245, 245, 240)
AGENT, AGENT_HOLDING = (40, 90, 220), (250, 190, 20)
GOAL, GOAL_EDGE = (150, 225, 150), (40, 150, 60)
#: Blocks take these in turn.
BLOCKS: tuple[Color, ...] = (
    (215, 60, 50),
    (150, 80, 180),
    (230, 130, 40),
    (60, 160, 170),
    (130, 100, 70),
)
#: Side of the drawing from which smaller pictures are averaged, px.
CANVAS = 256


class BlockRenderer:
    """Draws the world with y up.

    Args:
        grid_size: (width, height) of the world, px.
    """

    def __init__(self, grid_size: tuple[float, float]) -> None:
        self._pygame = load_pygame("BlockEnv2D")
        self._scale = CANVAS / max(grid_size)
        self._height = grid_size[1]
        size = tuple(max(1, round(side * self._scale)) for side in grid_size)
        self._surface = self._pygame.Surface(size, depth=32)

    def picture(
        self,
        world: BlockWorld,
        size: tuple[int, int] | None = None,
        zone: tuple[np.ndarray, float] | None = None,
    ) -> np.ndarray:
        """Return the scene as (H, W, 3) uint8 RGB.

        Args:
            world: what to draw.
            size: (H, W); None for the size it is drawn at.
            zone: centre (2,) and side of a goal zone, px of the grid.
        """
        surface = self._surface
        surface.fill(BACKGROUND)
        if zone is not None:
            self._zone(zone[0], zone[1])
        for i, block in enumerate(world.blocks):
            corners = self._square(block.position, block.angle, world.options.block_size)
            self._pygame.draw.polygon(surface, BLOCKS[i % len(BLOCKS)], corners)
        self._agent(world)
        if size is not None:
            # Averages areas, so that positions show to a fraction of a pixel.
            surface = self._pygame.transform.smoothscale(surface, (size[1], size[0]))
        return np.ascontiguousarray(self._pygame.surfarray.array3d(surface).swapaxes(0, 1))

    def _agent(self, world: BlockWorld) -> None:
        center = self._pixel(*world.agent.position)
        radius = world.agent_radius * self._scale
        self._pygame.draw.circle(self._surface, AGENT, center, radius)
        if world.held:
            self._pygame.draw.circle(self._surface, AGENT_HOLDING, center, radius * 0.6)

    def _zone(self, center: np.ndarray, side: float) -> None:
        corners = self._square(center, 0.0, side)
        self._pygame.draw.polygon(self._surface, GOAL, corners)
        self._pygame.draw.polygon(self._surface, GOAL_EDGE, corners, 4)

    def _square(
        self, center: Sequence[float] | np.ndarray, angle: float, side: float
    ) -> list[tuple[float, float]]:
        x, y = center
        # Half a diagonal in the direction of a corner, then turned by right angles.
        dx, dy = (side * math.sqrt(0.5) * f(angle + math.pi / 4) for f in (math.cos, math.sin))
        offsets = ((dx, dy), (-dy, dx), (-dx, -dy), (dy, -dx))
        return [self._pixel(x + ox, y + oy) for ox, oy in offsets]

    def _pixel(self, x: Any, y: Any) -> tuple[float, float]:
        return float(x) * self._scale, (self._height - float(y)) * self._scale

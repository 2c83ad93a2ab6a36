"""Pictures of Push-T, drawn on a surface in memory: no display is opened.

Colours, edges and reduction follow the recorded images of the human demonstrations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from muse.envs.pymunk import t_shape
from muse.envs.pymunk.push_t_world import AGENT_RADIUS, TABLE, WALL_RADIUS, WALLS
from muse.envs.pymunk.resample import BilinearResampler
from muse.envs.pymunk.simulators import load_pygame

Color = tuple[int, int, int]
Bounds = tuple[int, int, int, int]

#: The bytes of a pixel in memory: red, green, blue, unused.
RGB_MASKS = (0xFF, 0xFF00, 0xFF0000, 0)
WHITE = (255, 255, 255)
GOAL_COLOR = (144, 238, 144)
WALL_COLOR = (211, 211, 211)
BLOCK_EDGE, BLOCK_FILL = (119, 136, 153), (143, 163, 184)
AGENT_EDGE, AGENT_FILL = (65, 105, 225), (78, 126, 255)
ACTION_COLOR = (255, 0, 0)
#: How far the lighter inside of the pusher stays from its rim, px.
AGENT_RIM = 4
EDGE_RADIUS = 2


class PushTRenderer:
    """Draws the scene at 512 x 512 and reduces it.

    Walls and goal stand still: only what block and pusher touch is drawn and reduced anew.

    Args:
        goal: pose of the goal.
    """

    def __init__(self, goal: t_shape.Pose) -> None:
        pygame = load_pygame("PushTEnv")
        self._draw = pygame.draw
        background = pygame.Surface((TABLE, TABLE), depth=32, masks=RGB_MASKS)
        background.fill(WHITE)
        for part in t_shape.PARTS:
            self._draw.polygon(background, GOAL_COLOR, _rounded(t_shape.to_world(part, goal)))
        for wall in WALLS:
            self._outline(background, WALL_COLOR, wall, WALL_RADIUS)
        self._background = background
        self._surface = background.copy()
        self._pixels = pygame.surfarray.pixels2d
        #: size -> (resampler, the reduced background)
        self._sizes: dict[int, tuple[BilinearResampler, np.ndarray]] = {}

    def picture(
        self,
        agent: tuple[float, float],
        block: t_shape.Pose,
        size: int,
        action: tuple[float, float] | None = None,
    ) -> np.ndarray:
        """Return the scene as (size, size, 3) uint8 RGB.

        Args:
            agent: position of the pusher, px.
            block: pose of the block.
            action: the last target (2,), marked by a red cross, or None.
        """
        resample, background = self._reduced_background(size)
        drawn = (self._draw_agent(agent), self._draw_block(block))
        picture = background.copy()
        # pygame keeps x first.
        pixels = self._pixels(self._surface).T
        for left, top, right, bottom in drawn:
            rows, columns = resample.reach(top, bottom), resample.reach(left, right)
            picture[rows, columns] = resample(pixels, rows, columns)
        # The view locks the surface.
        del pixels
        for left, top, right, bottom in drawn:
            area = (left, top, right - left + 1, bottom - top + 1)
            self._surface.blit(self._background, (left, top), area)
        if action is not None:
            _mark(picture, action)
        return picture

    def _draw_agent(self, agent: tuple[float, float]) -> Bounds:
        center = x, y = round(agent[0]), round(agent[1])
        self._draw.circle(self._surface, AGENT_EDGE, center, AGENT_RADIUS)
        self._draw.circle(self._surface, AGENT_FILL, center, AGENT_RADIUS - AGENT_RIM)
        return _bounds([center], AGENT_RADIUS)

    def _draw_block(self, block: t_shape.Pose) -> Bounds:
        touched = []
        for part in t_shape.PARTS:
            corners = _rounded(t_shape.to_world(part, block))
            self._draw.polygon(self._surface, BLOCK_FILL, corners)
            self._outline(self._surface, BLOCK_EDGE, corners, EDGE_RADIUS)
            touched += corners
        return _bounds(touched, EDGE_RADIUS)

    def _outline(
        self, surface: Any, color: Color, corners: Sequence[tuple[int, int]], radius: int
    ) -> None:
        """A closed thick line with round corners, whole pixels."""
        draw = self._draw
        ax, ay = corners[-1]
        for bx, by in corners:
            draw.line(surface, color, (ax, ay), (bx, by), 2 * radius)
            across, along = abs(by - ay), abs(bx - ax)
            if across or along:
                # Diagonal lines come out too thin from pygame alone.
                scale = radius / math.hypot(across, along)
                dx, dy = round(across * scale), round(along * scale)
                thick = (
                    (ax - dx, ay - dy),
                    (ax + dx, ay + dy),
                    (bx + dx, by + dy),
                    (bx - dx, by - dy),
                )
                draw.polygon(surface, color, thick)
            draw.circle(surface, color, (bx, by), radius)
            ax, ay = bx, by

    def _reduced_background(self, size: int) -> tuple[BilinearResampler, np.ndarray]:
        if size not in self._sizes:
            resample = BilinearResampler(TABLE, size)
            pixels = self._pixels(self._background).T
            # Contiguous: every picture begins as a copy of it.
            self._sizes[size] = resample, np.ascontiguousarray(resample(pixels))
        return self._sizes[size]


def _bounds(points: list[tuple[int, int]], margin: int) -> Bounds:
    """(left, top, right, bottom) of what is drawn around `points`, cut to the table."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (
        max(0, min(xs) - margin - 1),
        max(0, min(ys) - margin - 1),
        min(TABLE - 1, max(xs) + margin + 1),
        min(TABLE - 1, max(ys) + margin + 1),
    )


def _rounded(points: list[t_shape.Point]) -> list[tuple[int, int]]:
    return [(round(x), round(y)) for x, y in points]


def _mark(picture: np.ndarray, action: tuple[float, float]) -> None:
    """Draw a cross at the target (2,) px of the table into `picture`."""
    size = picture.shape[0]
    x, y = (int(v / TABLE * size) for v in action)
    arm, half = max(1, size * 4 // 96), max(0, (size // 96 - 1) // 2)
    rows, columns = slice(max(0, y - half), y + half + 1), slice(max(0, x - half), x + half + 1)
    picture[rows, max(0, x - arm) : x + arm + 1] = ACTION_COLOR
    picture[max(0, y - arm) : y + arm + 1, columns] = ACTION_COLOR

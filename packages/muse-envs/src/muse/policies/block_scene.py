"""What is where before a play primitive of `BlockPlayPolicy`: agent, block, walls and room."""

from __future__ import annotations

import copy

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.block_world import INNER_WALL_RADIUS
from muse.envs.pymunk.maze import inner_walls
from muse.policies.grid_way import way_over_grid

#: What the agent keeps from walls and from the block on its way, px.
WALL_GAP, BLOCK_GAP = 0.5, 2.0
#: Distance of the nodes of a way, px.
_SPACING = 10.0
#: How far a surface may be from the bottom of what stands on it, px.
_SUNK = 1.5
#: How far within the edge of a surface the middle of a block must be to stay there, px.
EDGE = 3.0


class BlockScene:
    """The agent, the first block and what is around them, px.

    Args:
        obs: one row of `position`, `bounding_box`, `block_bounding_boxes` and, where there is one,
            `maze`.
        grid_size: (2,) width and height of the world.

    Attributes:
        agent: (2,) its centre.
        radius: of the agent.
        box: (4,) left, bottom, right and top of the block.
        x: of the block's middle.
        width, height: of the block.
    """

    def __init__(self, obs: AttrDict, grid_size: np.ndarray) -> None:
        self.agent = np.asarray(obs["position"], np.float64)
        agent_box = np.asarray(obs["bounding_box"], np.float64)
        self.radius = float(agent_box[2] - agent_box[0]) / 2
        boxes = np.asarray(obs["block_bounding_boxes"], np.float64)
        self.box = boxes[0]
        left, self.bottom, right, self.top = self.box.tolist()
        self.x, self.width, self.height = (left + right) / 2, right - left, self.top - self.bottom
        self._grid = np.asarray(grid_size, np.float64)
        self._walls = boxes[1:]
        if "maze" in obs:
            lines = np.array(inner_walls(np.asarray(obs["maze"]), tuple(self._grid)))
            ends = lines.reshape(-1, 4) + INNER_WALL_RADIUS * np.array([-1.0, -1.0, 1.0, 1.0])
            self._walls = np.concatenate([self._walls, ends])

    def near_border(self) -> int:
        """Return the side, -1 left or 1 right, on which the border is nearer."""
        return -1 if self.x < self._grid[0] / 2 else 1

    def beside(self, side: int, share: float) -> np.ndarray:
        """Return where the agent touches a side, -1 left or 1 right, (2,).

        Args:
            share: of the height, from -1 at the bottom to 1 at the top.
        """
        middle = (self.top + self.bottom) / 2
        y = max(middle + share * self.height / 2, self.bottom + self.radius + 2 * WALL_GAP)
        return np.array([self.x + side * (self.width / 2 + self.radius), y])

    def agent_fits(self, points: np.ndarray, gap: float = WALL_GAP) -> np.ndarray:
        """Return at which points (N, 2) the agent touches neither wall nor border, (N,) bool."""
        reach = self.radius + gap
        inside = ((points >= reach) & (points <= self._grid - reach)).all(axis=1)
        free: np.ndarray = inside & (_gaps(points, self._walls) >= reach)
        return free

    def agent_passes(self, *corners: np.ndarray) -> bool:
        """Return whether the agent fits all along the lines between points (2,)."""
        shares = np.linspace(0.0, 1.0, 30)[:, None]
        lines = [a + shares * (b - a) for a, b in zip(corners, corners[1:], strict=False)]
        return bool(self.agent_fits(np.concatenate(lines)).all())

    def is_empty(self, box: np.ndarray) -> bool:
        """Return whether a box (4,) is within the grid and meets no wall; edges may touch."""
        low, high = box[:2] + _SUNK, box[2:] - _SUNK
        if (low < 0.0).any() or (high > self._grid).any():
            return False
        meets = (self._walls[:, :2] < high) & (self._walls[:, 2:] > low)
        return not meets.all(axis=1).any()

    def rests_at(self, x: float, margin: float = EDGE) -> bool:
        """Return whether the block still rests on what it stands on with its middle at `x`.

        Args:
            margin: how far within the edge of that its middle must be, px.
        """
        surfaces = self._walls[np.abs(self._walls[:, 3] - self.bottom) < _SUNK]
        left = right = self.x
        if self.bottom < _SUNK:
            left, right = 0.0, self._grid[0]
        for _ in surfaces:  # pieces that touch are one surface
            joined = surfaces[(surfaces[:, 0] <= right) & (surfaces[:, 2] >= left)]
            left = joined[:, 0].min(initial=left)
            right = joined[:, 2].max(initial=right)
        return bool(left + margin <= x <= right - margin)

    def moved(self, dx: float) -> BlockScene:
        """Return the scene with the block moved along the ground."""
        scene = copy.copy(self)
        scene.box, scene.x = self.box + np.array([dx, 0.0, dx, 0.0]), self.x + dx
        return scene

    def way_to(self, goal: np.ndarray) -> list[np.ndarray]:
        """Return waypoints (2,) of the agent to `goal` that touch nothing; empty if none do."""
        if not self._is_clear(goal[None])[0]:
            return []
        # A node on the goal: the grid must not be too coarse for a narrow place.
        xs, ys = (
            np.union1d(np.arange(0.0, side, _SPACING), [at])
            for side, at in zip(self._grid, goal, strict=True)
        )
        return way_over_grid(xs, ys, self._is_clear, self.agent, goal)[1:]

    def _is_clear(self, points: np.ndarray) -> np.ndarray:
        clear: np.ndarray = self.agent_fits(points) & (
            _gaps(points, self.box[None]) >= self.radius + BLOCK_GAP
        )
        return clear


def _gaps(points: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the distance (N,) of points (N, 2) from the nearest box (M, 4); 0 inside."""
    low, high = boxes[None, :, :2], boxes[None, :, 2:]
    beyond = np.maximum(np.maximum(low - points[:, None], points[:, None] - high), 0.0)
    nearest: np.ndarray = np.hypot(beyond[..., 0], beyond[..., 1]).min(axis=1, initial=np.inf)
    return nearest

"""`MazeRoute`: the way through a maze of square cells."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

#: Side of a cell, m.
CELL = 4.0

_Cell = tuple[int, int]


class MazeRoute:
    """The shortest ways between the cells of a maze, through their centres.

    Args:
        maze_map: of gymnasium-robotics: rows from the north, a wall where a cell is 1.
    """

    def __init__(self, maze_map: Sequence[Sequence[Any]]) -> None:
        rows, columns = len(maze_map), len(maze_map[0])
        corner = np.array([-columns, rows]) * CELL / 2
        self._centres: dict[_Cell, np.ndarray] = {
            (i, j): corner + CELL * np.array([j + 0.5, -i - 0.5])
            for i in range(rows)
            for j in range(columns)
            if maze_map[i][j] != 1
        }
        self._next = {goal: self._toward(goal) for goal in self._centres}

    def ahead(self, place: np.ndarray, goal: np.ndarray, distance: float) -> np.ndarray:
        """Return the point of the way from `place` that is `distance` farther on, (2,).

        Args:
            place: on or off the way, in the maze, (2,) m.
            goal: where the way ends, (2,) m.
            distance: along the way from its point nearest to `place`, m.
        """
        way = self.way(place, goal)
        if len(way) == 1:
            return goal
        first = way[1] - way[0]
        left = distance + np.clip((place - way[0]) @ first / np.linalg.norm(first), 0.0, CELL)
        for start, end in zip(way, way[1:], strict=False):
            length = float(np.linalg.norm(end - start))
            if left <= length:
                return np.asarray(start + (end - start) * left / length)
            left -= length
        return goal

    def way(self, place: np.ndarray, goal: np.ndarray) -> list[np.ndarray]:
        """Return the centres of the cells from that of `place` on, the door to the last, `goal`."""
        cell, last = self._cell(place), self._cell(goal)
        points = [self._centres[cell]]
        while cell != last:
            cell = self._next[last][cell]
            points.append(self._centres[cell])
        door = [(points[-2] + points[-1]) / 2] if len(points) > 1 else []
        return [*points[:-1], *door, goal]

    def inward(self, place: np.ndarray, distance: float) -> np.ndarray:
        """Return a place (2,) moved by `distance` towards the centre of its cell, or up to it."""
        way = self._centres[self._cell(place)] - place
        return np.asarray(place + way * min(1.0, distance / max(float(np.linalg.norm(way)), 1e-9)))

    def _cell(self, place: np.ndarray) -> _Cell:
        """Return the free cell nearest to `place`."""
        return min(self._centres, key=lambda at: float(np.sum((self._centres[at] - place) ** 2)))

    def _toward(self, goal: _Cell) -> dict[_Cell, _Cell]:
        """Return the next cell on the way to `goal`, by cell (breadth first)."""
        following: dict[_Cell, _Cell] = {goal: goal}
        waiting = deque([goal])
        while waiting:
            i, j = cell = waiting.popleft()
            for near in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                if near in self._centres and near not in following:
                    following[near] = cell
                    waiting.append(near)
        return following

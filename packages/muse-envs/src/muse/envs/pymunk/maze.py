"""Mazes of square cells, as a table of which sides of each cell are walled.

A maze is an integer array (C, C), row 0 at the top of the picture. The number of a cell is the sum
of its walls: north 8, west 4, south 2, east 1. A wall between two cells stands in both of them.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from muse.core.errors import EnvError

NORTH, WEST, SOUTH, EAST = 8, 4, 2, 1
#: Wall -> (row step, column step, the same wall seen from the other side).
SIDES = {NORTH: (-1, 0, SOUTH), WEST: (0, -1, EAST), SOUTH: (1, 0, NORTH), EAST: (0, 1, WEST)}

Cell = tuple[int, int]
Segment = tuple[tuple[float, float], tuple[float, float]]


def open_maze(cells: int) -> np.ndarray:
    """Return the maze of `cells` x `cells` that is walled on its border alone."""
    maze = np.zeros((cells, cells), np.int64)
    maze[0] |= NORTH
    maze[-1] |= SOUTH
    maze[:, 0] |= WEST
    maze[:, -1] |= EAST
    return maze


def random_maze(cells: int, rng: np.random.Generator) -> np.ndarray:
    """Return a perfect maze (C, C): one way between any two cells.

    Depth-first search with random turns (recursive backtracking) opens walls until every cell has
    been visited.
    """
    maze = np.full((cells, cells), NORTH | WEST | SOUTH | EAST, np.int64)
    way = [(int(rng.integers(cells)), int(rng.integers(cells)))]
    visited = set(way)
    while way:
        fresh = [(side, cell) for side, cell in _neighbours(way[-1], cells) if cell not in visited]
        if not fresh:
            way.pop()
            continue
        side, cell = fresh[int(rng.integers(len(fresh)))]
        maze[way[-1]] ^= side
        maze[cell] ^= SIDES[side][2]
        visited.add(cell)
        way.append(cell)
    return maze


def checked_maze(value: Any, owner: str) -> np.ndarray:
    """Return `value` as a maze (C, C) int64, its border walled.

    Raises:
        EnvError: when it is not square, holds other numbers than 0 to 15, or a wall stands in only
            one of its two cells.
    """
    maze = np.asarray(value)
    if maze.ndim == 3 and len(maze) == 1:
        maze = maze[0]
    square = maze.ndim == 2 and maze.shape[0] == maze.shape[1] and maze.size > 0
    if not square or not np.isin(maze, range(16)).all():
        raise EnvError(
            f"{owner}: maze={value!r} is not allowed: expected a square of numbers 0 to 15, each "
            "the sum of the cell's walls (north 8, west 4, south 2, east 1)"
        )
    maze = maze.astype(np.int64) | open_maze(len(maze))
    for row, column in np.ndindex(*maze.shape):
        for side, other in _neighbours((row, column), len(maze)):
            if bool(maze[row, column] & side) != bool(maze[other] & SIDES[side][2]):
                raise EnvError(
                    f"{owner}: maze={value!r} is not allowed: the wall between cells "
                    f"{(row, column)} and {other} must stand in both of them"
                )
    return maze


def add_wall(maze: np.ndarray, cell: Cell, side: int) -> None:
    """Wall `side` of `cell` in place, in both cells it belongs to."""
    maze[cell] |= side
    row, column, opposite = SIDES[side]
    other = (cell[0] + row, cell[1] + column)
    if min(other) >= 0 and max(other) < len(maze):
        maze[other] |= opposite


def inner_walls(maze: np.ndarray, grid_size: tuple[float, float]) -> list[Segment]:
    """Return the walls that are not on the border, as lines in the grid (px, y up)."""
    size, (width, height) = len(maze), grid_size
    dx, dy = width / size, height / size
    walls = []
    for row, column in np.ndindex(*maze.shape):
        bottom = height - (row + 1) * dy
        if maze[row, column] & SOUTH and row + 1 < size:
            walls.append(((column * dx, bottom), ((column + 1) * dx, bottom)))
        if maze[row, column] & EAST and column + 1 < size:
            right = (column + 1) * dx
            walls.append(((right, bottom), (right, bottom + dy)))
    return walls


def cell_box(
    cell: Cell, cells: int, grid_size: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower left and the upper right corner of a cell, each (2,) px."""
    side = np.array(grid_size, np.float64) / cells
    low = np.array([cell[1] * side[0], grid_size[1] - (cell[0] + 1) * side[1]])
    return low, low + side


def cell_at(point: np.ndarray, cells: int, grid_size: tuple[float, float]) -> Cell:
    """Return the cell that holds `point` (2,) px; the nearest one for a point outside."""
    column = int(point[0] / grid_size[0] * cells)
    row = int((grid_size[1] - point[1]) / grid_size[1] * cells)
    return min(max(row, 0), cells - 1), min(max(column, 0), cells - 1)


def shortest_way(maze: np.ndarray, start: Cell, goal: Cell) -> list[Cell]:
    """Return the cells from `start` to `goal`, both included; empty when walls part them."""
    before: dict[Cell, Cell] = {goal: goal}
    waiting = deque([goal])
    while waiting and start not in before:
        cell = waiting.popleft()
        for side, other in _neighbours(cell, len(maze)):
            if other not in before and not maze[cell] & side:
                before[other] = cell
                waiting.append(other)
    if start not in before:
        return []
    way = [start]
    while way[-1] != goal:
        way.append(before[way[-1]])
    return way


def next_point(
    maze: np.ndarray,
    grid_size: tuple[float, float],
    start: np.ndarray,
    goal: np.ndarray,
    slack: float = np.inf,
) -> np.ndarray:
    """Return where to head from `start` to reach `goal`, each (2,) px, on the shortest way.

    Two neighbouring cells without a wall between them are convex, so the straight line from
    anywhere in one to the middle of the other is free for a point.

    Args:
        slack: how far from the middle of the cells a body may be as it goes over to the next, px.
    """
    cells = len(maze)
    here = cell_at(start, cells, grid_size)
    way = shortest_way(maze, here, cell_at(goal, cells, grid_size))
    if len(way) < 2:
        return goal
    middle, beyond = (np.mean(cell_box(cell, cells, grid_size), axis=0) for cell in way[:2])
    across = 1 if way[1][0] == here[0] else 0
    if abs(start[across] - middle[across]) > slack:
        aligned = start.copy()
        aligned[across] = middle[across]
        return aligned
    return np.asarray(beyond)


def _neighbours(cell: Cell, cells: int) -> list[tuple[int, Cell]]:
    """(side, cell beyond it) of each neighbour inside the maze."""
    found = []
    for side, (row, column, _) in SIDES.items():
        other = (cell[0] + row, cell[1] + column)
        if 0 <= other[0] < cells and 0 <= other[1] < cells:
            found.append((side, other))
    return found

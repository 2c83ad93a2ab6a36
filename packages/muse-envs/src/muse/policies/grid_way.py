"""The shortest way of a point over a grid, around what is in its way."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

import numpy as np

#: Of points (N, 2) those a body may be at, (N,) bool.
IsFree = Callable[[np.ndarray], np.ndarray]
#: Distance of the places looked at along a straight piece, px.
_LOOK = 4.0

_Node = tuple[int, int]


def way_over_grid(
    xs: np.ndarray, ys: np.ndarray, is_free: IsFree, start: np.ndarray, goal: np.ndarray
) -> list[np.ndarray]:
    """Return waypoints (2,) from `start` to `goal`, both included; empty if there is no way.

    Dijkstra's algorithm (1959) over the free nodes, from the one nearest to `start` to the one
    nearest to `goal`, diagonals included; then shortened where the sight is free.

    Args:
        xs, ys: rising coordinates of the nodes, (X,) and (Y,).
        is_free: where the body may be.
        start, goal: (2,).
    """
    nodes = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)
    free = is_free(nodes.reshape(-1, 2)).reshape(nodes.shape[:2])
    if not free.any():
        return []
    first, last = (_nearest_free(nodes, free, point) for point in (start, goal))
    cells = _dijkstra(xs.tolist(), ys.tolist(), free.tolist(), first, last)
    if not cells:
        return []
    points = [start, *(nodes[cell] for cell in cells), goal]
    kept, at = [start], 0
    while at < len(points) - 1:
        ahead = range(len(points) - 1, at, -1)
        at = next((i for i in ahead if _sees(is_free, points[at], points[i])), at + 1)
        kept.append(points[at])
    return kept


def _sees(is_free: IsFree, a: np.ndarray, b: np.ndarray) -> bool:
    shares = np.linspace(0.0, 1.0, 2 + int(np.linalg.norm(b - a) / _LOOK))[:, None]
    return bool(is_free(a + shares * (b - a)).all())


def _nearest_free(nodes: np.ndarray, free: np.ndarray, point: np.ndarray) -> _Node:
    far = np.where(free, np.linalg.norm(nodes - point, axis=-1), np.inf)
    row, column = np.unravel_index(int(np.argmin(far)), far.shape)
    return int(row), int(column)


def _dijkstra(
    xs: list[float], ys: list[float], free: list[list[bool]], start: _Node, goal: _Node
) -> list[_Node]:
    """Return the nodes from start to goal over free neighbours, diagonals included."""
    best, before = {start: 0.0}, {start: start}
    queue = [(0.0, start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node == goal:
            break
        row, column = node
        for i in range(max(0, row - 1), min(len(xs), row + 2)):
            for j in range(max(0, column - 1), min(len(ys), column + 2)):
                if not free[i][j]:
                    continue
                other = (i, j)
                through = cost + math.hypot(xs[i] - xs[row], ys[j] - ys[column])
                if through < best.get(other, math.inf) - 1e-9:
                    best[other], before[other] = through, node
                    heapq.heappush(queue, (through, other))
    if goal not in before:
        return []
    way = [goal]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]

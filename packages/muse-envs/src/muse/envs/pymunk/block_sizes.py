"""Sizes as the parameters of the 2-D block family give them."""

from __future__ import annotations

from collections.abc import Sequence

from muse.core.attrdict import AttrDict


def sides(size: float | Sequence[float]) -> list[float]:
    """Return width and height of a size that may be one number, px."""
    return [float(size)] * 2 if isinstance(size, (int, float)) else [float(s) for s in size]


def size_limits(p: AttrDict) -> tuple[list[float], list[float]]:
    """Return the least and the greatest width and height of a block, px."""
    lower = p.block_size if p.block_size_lower is None else p.block_size_lower
    upper = p.block_size if p.block_size_upper is None else p.block_size_upper
    return sides(lower), sides(upper)


def largest_sides(p: AttrDict) -> list[float]:
    """Return the greatest width and height of a block, px."""
    return [max(pair) for pair in zip(*size_limits(p), strict=True)]


def agent_diameter(p: AttrDict) -> float:
    """Return the diameter of the agent, px."""
    return min(sides(p.block_size)) if p.agent_size is None else float(p.agent_size)


def maze_cells(p: AttrDict) -> int:
    """Return C, the cells along each side of the maze."""
    return p.num_maze_cells if p.fixed_np_maze is None else len(p.fixed_np_maze)

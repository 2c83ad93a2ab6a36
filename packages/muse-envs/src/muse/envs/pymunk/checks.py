"""Checks of parameters that the 2-D environments share."""

from __future__ import annotations

from collections.abc import Sequence


def pair(value: Sequence[float]) -> str | None:
    """A `check` for x and y."""
    return None if len(value) == 2 else "two numbers"


def pair_of_sizes(value: Sequence[float]) -> str | None:
    """A `check` for two sizes."""
    return None if len(value) == 2 and min(value) > 0 else "two numbers > 0"


def size_or_sides(value: float | Sequence[float]) -> str | None:
    """A `check` for the side of a square, or the two sides of a rectangle."""
    if isinstance(value, (int, float)):
        return None if value > 0 else "a number > 0, or width and height"
    return pair_of_sizes(value)


def cells(value: Sequence[Sequence[int]]) -> str | None:
    """A `check` for cells of a maze, (row, column) each."""
    good = len(value) > 0 and all(len(cell) == 2 and min(cell) >= 0 for cell in value)
    return None if good else "a list of (row, column)"

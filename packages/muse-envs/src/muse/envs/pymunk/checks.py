"""Checks of parameters that the 2-D environments share."""

from __future__ import annotations

from collections.abc import Sequence


def pair(value: Sequence[float]) -> str | None:
    """A `check` for x and y."""
    return None if len(value) == 2 else "two numbers"


def pair_of_sizes(value: Sequence[float]) -> str | None:
    """A `check` for two sizes."""
    return None if len(value) == 2 and min(value) > 0 else "two numbers > 0"

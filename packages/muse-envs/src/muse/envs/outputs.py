"""The output observations that every environment of Muse gives: reward, terminated, truncated."""

from __future__ import annotations

import math
from typing import Any

OUTPUT_NAMES = ("reward", "terminated", "truncated")


def output_rows(low: float = -math.inf, high: float = math.inf) -> list[tuple[Any, ...]]:
    """Return their (name, shape, limits, dtype) for a spec; the reward lies in [low, high]."""
    flag = ((1,), (False, True), "bool")
    return [
        ("reward", (1,), (low, high), "float32"),
        ("terminated", *flag),
        ("truncated", *flag),
    ]

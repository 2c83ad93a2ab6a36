"""How the benchmarks of data sets time a step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

Step = Callable[[], Any]


def endless(items: list[Any]) -> Iterator[Any]:
    """Yield the items round and round."""
    while True:
        yield from items


def timed(step: Step, count: int) -> float:
    """Return the seconds of one step, over `count` of them."""
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count


def calibrate(step: Step, seconds: float, warm_up: int = 64) -> int:
    """Return how many steps take about so many seconds, after `warm_up` of them."""
    timed(step, warm_up)
    return max(4, round(seconds / timed(step, 8)))

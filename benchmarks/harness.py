"""How the benchmarks of data sets time a step, and show what they found."""

from __future__ import annotations

import statistics
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


def loader_seconds(dataset: Any, batch: int, workers: int, batches: int, rounds: int = 3) -> float:
    """Return the median seconds of a batch of torch's DataLoader, the start left out."""
    from torch.utils.data import DataLoader

    loader = DataLoader(
        dataset,
        batch,
        shuffle=True,
        num_workers=workers,
        drop_last=True,
        # Importing torchrl makes "spawn" the way of all, which cannot pass an open HDF5 file.
        multiprocessing_context="fork" if workers else None,
    )
    drawn = iter(loader)
    next(drawn)
    return statistics.median(timed(lambda: next(drawn), batches) for _ in range(rounds))


def ratio_row(name: str, ratio: float, bar: float) -> dict[str, Any]:
    """Return a row of the table: a ratio and whether it reaches its bar."""
    return {"name": name, "ratio": ratio, "bar": f">= {bar:g}", "met": ratio >= bar}


def print_ratios(rows: list[dict[str, Any]]) -> None:
    """Print rows of `ratio_row`."""
    for each in rows:
        mark = "" if each["met"] else "  MISSED"
        print(f"{each['name']:<40}{each['ratio']:>8.2f}x   bar {each['bar']}{mark}")

"""AttrDict against attr-dicts 1.0.3, the package its interface comes from, in one run.

12 leaves in 3 groups. Times are medians of CPU time over many repeats that alternate between the
two, so that other work on the machine does not decide the verdict.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEATS = 41
TARGET_S = 2e-3  # length of one timed repeat

#: (row, statement on `a`, `b` and `names`, ratio to reach)
CASES: tuple[tuple[str, str, float], ...] = (
    ("leaf_apply(f)", "a.leaf_apply(f)", 10.0),
    ("a & b", "a & b", 10.0),
    ("a.g.x", "a.g0.x0", 8.0),
    ("a > 4 names", "a > names", 4.0),
    ("a['g/x']", "a['g0/x0']", 1.3),
)
NAMES = ("g0/x0", "g1/x1", "g2/x2", "g2/x3")


def build(cls: Any, offset: int) -> Any:
    """Return 12 leaves in 3 groups."""
    tree = cls()
    for g in range(3):
        tree[f"g{g}"] = cls(**{f"x{i}": offset + 4 * g + i for i in range(4)})
    return tree


def loop(cls: Any, statement: str) -> Callable[[int], float]:
    """Return a function that times n runs of the statement, in seconds."""
    scope: dict[str, Any] = {
        "a": build(cls, 0),
        "b": build(cls, 100),
        "names": list(NAMES),
        "f": lambda value: value,
        "clock": time.thread_time,
    }
    source = (
        "def run(n):\n    start = clock()\n"
        f"    for _ in range(n):\n        {statement}\n    return clock() - start\n"
    )
    exec(source, scope)  # the statement is one of CASES
    return scope["run"]  # type: ignore[no-any-return]


def calibrate(run: Callable[[int], float]) -> int:
    """Return how many runs take about `TARGET_S`."""
    n = 1
    while (took := run(n)) < TARGET_S / 4:
        n *= 2
    return max(1, round(n * TARGET_S / took))


def compare(ours: Any, theirs: Any, statement: str) -> tuple[float, float]:
    """Return the median seconds of one statement for both classes."""
    runs = [loop(ours, statement), loop(theirs, statement)]
    counts = [calibrate(run) for run in runs]
    samples: list[list[float]] = [[], []]
    for _ in range(REPEATS):
        for i, run in enumerate(runs):
            samples[i].append(run(counts[i]) / counts[i])
    return statistics.median(samples[0]), statistics.median(samples[1])


def main(json_path: str | Path | None = None) -> list[dict[str, Any]]:
    """Print the table, write it to `json_path` if given, and return its rows."""
    import attrdict

    from muse.core import AttrDict

    rows = []
    print(f"{'operation':<16}{'muse':>12}{'attr-dicts':>14}{'ratio':>9}{'bar':>8}")
    for name, statement, bar in CASES:
        ours, theirs = compare(AttrDict, attrdict.AttrDict, statement)
        ratio = theirs / ours
        rows.append(
            {"name": name, "muse_s": ours, "other_s": theirs, "ratio": ratio, "bar": bar}
            | {"met": ratio >= bar}
        )
        mark = "" if ratio >= bar else "  MISSED"
        print(
            f"{name:<16}{ours * 1e9:>9.0f} ns{theirs * 1e9:>11.0f} ns"
            f"{ratio:>8.1f}x{bar:>7.1f}x{mark}"
        )
    if json_path is not None:
        Path(json_path).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return rows


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)

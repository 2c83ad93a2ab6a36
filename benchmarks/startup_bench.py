"""How long a user waits for the first sign of life: `import muse.core` and `muse --help`."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

RUNS = 15
COMMANDS = {
    "python -c pass": ([sys.executable, "-c", "pass"], None),
    "import muse.core": ([sys.executable, "-c", "import muse.core"], 0.1),
    "muse --help": ([sys.executable, "-m", "muse.cli", "--help"], 0.3),
}


def main(json_path: str | None = None) -> list[dict[str, Any]]:
    """Time each command as a whole process, in turn; report medians in seconds.

    The bars are on what the command adds to, and includes of, a bare interpreter: the figure is
    the whole process, so the start of Python itself is counted against us.
    """
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS + 1):
        for name, (command, _) in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - start)
    rows = []
    for name, (_, limit) in COMMANDS.items():
        seconds = statistics.median(times[name][1:])  # the first run fills the file cache
        rows.append(
            {
                "measure": name,
                "ours": f"{seconds * 1e3:.0f} ms",
                "bar": "" if limit is None else f"< {limit * 1e3:.0f} ms",
                "met": limit is None or seconds < limit,
            }
        )
    for row in rows:
        print(f"{row['measure']:20} {row['ours']:>8} {row['bar']:>10}")
    if json_path:
        Path(json_path).write_text(json.dumps(rows, indent=2))
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Runs every benchmarks/*_bench.py in turn and writes benchmarks/RESULTS.md.

Each benchmark prints its table and writes its rows as JSON to the path it is given; a row with
`met` has a bar to meet. A missed bar is reported, not an error: machines differ. A benchmark that
ends with an error is one.

Run: python tools/run_benches.py [NAME …]     (NAME: attrdict, dataset, …; default all)
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packages import ROOT

PLACE = ROOT / "benchmarks"
SHOWN_VERSIONS = ("numpy", "torch", "attr-dicts", "robomimic", "torchrl", "gymnasium", "mujoco")


def main(names: list[str]) -> int:
    """Run the benchmarks called `names`; return 1 when one ended with an error."""
    files = [PLACE / f"{name}_bench.py" for name in names] or sorted(PLACE.glob("*_bench.py"))
    parts, failed = [], []
    rows: list[dict[str, Any]] = []
    for file in files:
        print(f"== {file.stem}", flush=True)
        status, text, found = _run(file)
        rows += found
        parts.append(f"## {file.stem}\n\n```\n{text.rstrip()}\n```\n")
        if status:
            failed.append(file.stem)
    if not names and not failed:
        (PLACE / "RESULTS.md").write_text(_page(rows, parts), encoding="utf-8")
        print(f"written: {PLACE / 'RESULTS.md'}")
    for row in rows:
        if row.get("met") is False:
            print(f"bar missed: {_name(row)} {_value(row)} (bar {row.get('bar')})")
    for stem in failed:
        print(f"FAILED {stem}", file=sys.stderr)
    return 1 if failed else 0


def _run(file: Path) -> tuple[int, str, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as place:
        result = Path(place) / "rows.json"
        done = subprocess.run(
            [sys.executable, str(file), str(result)], stdout=subprocess.PIPE, text=True, check=False
        )
        print(done.stdout, end="", flush=True)
        found = json.loads(result.read_text(encoding="utf-8")) if result.exists() else []
    return done.returncode, done.stdout, found


def _page(rows: list[dict[str, Any]], parts: list[str]) -> str:
    judged = [row for row in rows if "met" in row and row.get("bar") not in (None, "")]
    table = ["| measure | found | bar | met |", "|---|---|---|---|"]
    table += [
        f"| {_cell(_name(row))} | {_cell(_value(row))} | {_cell(row['bar'])} "
        f"| {'yes' if row['met'] else '**no**'} |"
        for row in judged
    ]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `nox -s bench`: everything in one run on one machine, so ratios count.",
            "",
            f"{_machine()}.",
            "",
            *table,
            "",
            *parts,
        ]
    )


def _name(row: dict[str, Any]) -> str:
    return str(row.get("measure") or row.get("name"))


def _value(row: dict[str, Any]) -> str:
    return f"{row['ratio']:.3g}×" if "ratio" in row else str(row.get("ours", ""))


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|")


def _machine() -> str:
    versions = []
    for name in SHOWN_VERSIONS:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"{name} not installed")
    cores = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return f"{cores}, {', '.join(versions)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

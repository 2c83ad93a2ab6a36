"""`muse data info`."""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from muse.cli import console
from muse.core.errors import DataError
from muse.datasets.commands.arguments import add_episodes, add_json, add_source, open_data
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.tools.examination import Examination, examine

_MOST = 30  # findings shown


def add_parser(commands: Any) -> None:
    """Add `info` to the sub-commands."""
    parser = commands.add_parser(
        "info",
        help="show episodes, lengths, columns and ranges, and what looks wrong",
        description="Read a data set once, in bounded memory, and show what is in it and what "
        "looks wrong: NaN, constant numbers, copies, frozen cameras, jumps, actions beyond their "
        "limits. The exit status is 1 if something surely is wrong.",
    )
    add_source(parser)
    add_episodes(parser, "episodes to look at")
    parser.add_argument("--no-images", action="store_true", help="do not read the pictures")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    with open_data(arguments) as source:
        count = len(source.lengths)
        if not count:
            raise DataError(f"{source.path} has no episodes; record or import some")
        with console.progress(count, f"reading {source.path.name}") as bar:
            found = examine(source, not arguments.no_images, lambda: bar.update(1))
        if arguments.json:
            print(json.dumps(_as_json(source, found), indent=2))
        else:
            _show(source, found)
    return 1 if any(finding.severity == "error" for finding in found.findings) else 0


def _show(source: EpisodeSource, found: Examination) -> None:
    lengths = found.lengths
    console.table(
        f"{source.path}: {len(lengths)} episodes, {int(lengths.sum())} steps "
        f"({lengths.min()} to {lengths.max()}, mean {lengths.mean():.1f} each)",
        ("column", "per", "shape", "dtype", "min", "max"),
        [_row(column, found) for column in found.columns],
    )
    for name, value in source.info.items():
        text = value if isinstance(value, (str, int, float)) else json.dumps(value, default=str)
        console.info(f"{name}: {text if len(str(text)) <= 200 else f'{str(text)[:200]} …'}")
    for name, episodes in source.filters.items():
        console.info(f"filter {name}: {len(episodes)} episodes")
    if source.unplaced():
        console.info(f"left out: {', '.join(source.unplaced())}")
    for finding in found.findings[:_MOST]:
        console.warn(f"{finding.place}: {finding.message}" if finding.place else finding.message)
    if len(found.findings) > _MOST:
        console.warn(f"{len(found.findings) - _MOST} further findings; --json has them all")


def _row(column: Column, found: Examination) -> tuple[Any, ...]:
    low = high = None
    if column.name in found.statistics:
        statistics = found.statistics[column.name]
        low, high = float(np.min(statistics.min)), float(np.max(statistics.max))
    return (column.name, column.per, str(column.shape), str(column.dtype), low, high)


def _as_json(source: EpisodeSource, found: Examination) -> dict[str, Any]:
    return {
        "path": str(source.path),
        "episodes": len(found.lengths),
        "steps": int(found.lengths.sum()),
        "lengths": found.lengths.tolist(),
        "columns": [
            {
                "name": column.name,
                "per": column.per,
                "shape": list(column.shape),
                "dtype": str(column.dtype),
                **{
                    key: np.asarray(value, np.float64).tolist()
                    for key, value in found.statistics.get(column.name, {}).items()
                },
            }
            for column in found.columns
        ],
        "filters": {name: [int(i) for i in each] for name, each in source.filters.items()},
        "unplaced": source.unplaced(),
        "findings": [vars(finding) for finding in found.findings],
    }

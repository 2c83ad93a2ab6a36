"""`muse data stats`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.cli import console
from muse.core.attrdict import AttrDict
from muse.core.errors import UsageError, suggest
from muse.datasets.commands.arguments import add_episodes, add_json, add_source, open_data
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.statistics import statistics_of


def add_parser(commands: Any) -> None:
    """Add `stats` to the sub-commands."""
    parser = commands.add_parser(
        "stats",
        help="mean, deviation and range of every column",
        description="Show the statistics a model would normalise by. Pictures are described by "
        "channel, and only when they are named, as that reads every pixel.",
    )
    add_source(parser)
    parser.add_argument("--names", nargs="+", metavar="NAME", help="columns (all but pictures)")
    add_episodes(parser, "episodes to describe")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    with open_data(arguments) as source:
        columns = _chosen(source, arguments.names)
        found = {
            column.name: statistics_of(column.name, _pieces(source, column))
            for column in console.progress(columns, "reading columns")
        }
        steps = int(source.lengths.sum())
        title = f"{source.path}: {len(source.lengths)} episodes, {steps} steps"
    if arguments.json:
        print(json.dumps({name: _as_lists(each) for name, each in found.items()}, indent=2))
        return 0
    rows = [row for name, each in found.items() for row in _rows(name, each)]
    console.table(title, ("column", "mean", "std", "min", "max"), rows)
    return 0


def _chosen(source: EpisodeSource, names: list[str] | None) -> list[Column]:
    columns = {c.name: c for c in source.columns()}
    if names is None:
        return [c for c in columns.values() if c.dtype.kind in "fiub" and not c.is_image]
    for name in names:
        if name not in columns:
            raise UsageError(
                f"--names {name}: {source.path} has {', '.join(columns)}.{suggest(name, columns)}"
            )
    return [columns[name] for name in names]


def _pieces(source: EpisodeSource, column: Column) -> Iterator[NDArray[Any]]:
    for piece in source.pieces(column.name):
        yield piece.reshape(-1, column.shape[-1]) if column.is_image else piece


def _rows(name: str, found: AttrDict) -> list[tuple[Any, ...]]:
    """One row for each number of the column."""
    shape = np.shape(found.mean)
    return [
        (
            f"{name}{list(index)}" if shape else name,
            *(float(np.asarray(found[key])[index]) for key in ("mean", "std", "min", "max")),
        )
        for index in np.ndindex(*shape)
    ]


def _as_lists(found: AttrDict) -> dict[str, Any]:
    return {key: np.asarray(value).tolist() for key, value in found.items()}

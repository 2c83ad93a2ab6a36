"""`muse data info`."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.cli import console
from muse.core.errors import DataError
from muse.datasets.formats.npz_reader import NpzReader
from muse.datasets.formats.places import find_data_file
from muse.datasets.storage.table import lengths_from_done


def add_parser(commands: Any) -> None:
    """Add `info` to the sub-commands."""
    parser = commands.add_parser(
        "info",
        help="show episodes, lengths, keys and ranges of a .npz",
        description="Show episodes, lengths, keys and ranges of a .npz.",
    )
    parser.add_argument("file", help="the data set, as given or below data/")
    parser.set_defaults(run=lambda arguments: show_info(arguments.file))


def show_info(file: str) -> int:
    """Print what a Muse `.npz` holds; return 1 if something is wrong with it, else 0.

    Raises:
        DataError: the file cannot be read or has no `done`.
    """
    path = find_data_file(file)
    with NpzReader(path) as reader:
        done = reader.read("done").reshape(-1).astype(np.bool_)
        if not len(done):
            raise DataError(f"{path}: 'done' is empty; expected at least one step")
        lengths = lengths_from_done(done)
        problems = (
            [] if done[-1] else ["the last episode is unfinished: done does not end the file"]
        )
        rows = []
        for key in console.progress(reader.keys, f"reading {path.name}"):
            row, complaint = _describe(reader, key, len(done), len(lengths))
            rows.append(row)
            problems += complaint
    steps = (
        f"{lengths.min()} to {lengths.max()}, mean {lengths.mean():.1f}" if len(lengths) else "-"
    )
    size = path.stat().st_size / 2**20
    console.table(
        f"{path}: {len(lengths)} episodes, {len(done)} steps ({steps} each), {size:.1f} MiB",
        ("key", "per", "shape", "dtype", "min", "max"),
        rows,
    )
    for problem in problems:
        console.warn(problem)
    return 1 if problems else 0


def _describe(
    reader: NpzReader, key: str, steps: int, episodes: int
) -> tuple[tuple[Any, ...], list[str]]:
    try:
        array = reader.read(key)
    except DataError as error:
        return (key, "-", "-", "-", None, None), [str(error)]
    if not array.shape:
        return (key, "file", "()", str(array.dtype), None, None), []
    per = "step" if array.shape[:1] == (steps,) else "?"
    if per == "?" and array.shape[:1] == (episodes,):
        per = "episode"
    problems = []
    if per == "?":
        problems.append(f"{key!r} has {len(array)} entries; expected one a step or one an episode")
    low: float | None = None
    high: float | None = None
    if array.size and array.dtype.kind in "fiub":
        low, high = float(np.nanmin(array)), float(np.nanmax(array))
        bad = int(np.isnan(array).sum()) if array.dtype.kind == "f" else 0
        if bad:
            problems.append(f"{key!r} has {bad} NaN")
    return (key, per, str(array.shape[1:]), str(array.dtype), low, high), problems

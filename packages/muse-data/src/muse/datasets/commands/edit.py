"""`muse data edit`."""

from __future__ import annotations

import argparse
import ast
import re
from typing import Any

import numpy as np

from muse.core.errors import UsageError
from muse.datasets.commands.arguments import add_source, add_target, open_data, pairs, write_data
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.views import ComputedView, NamedView, RowsView, SubsetView
from muse.datasets.tools.selection import parse_episodes


def add_parser(commands: Any) -> None:
    """Add `edit` to the sub-commands."""
    parser = commands.add_parser(
        "edit",
        help="delete or trim episodes; rename, drop or set columns",
        description="Write a changed copy of a data set. Episodes are numbered as in DATA.",
    )
    add_source(parser)
    parser.add_argument("--delete", metavar="WHICH", help="episodes to leave out: 3,7-9,-1")
    parser.add_argument("--trim-start", type=int, default=0, metavar="N", help="drop N first steps")
    parser.add_argument("--trim-end", type=int, default=0, metavar="N", help="drop N last steps")
    parser.add_argument(
        "--trim",
        action="append",
        default=[],
        metavar="I=A:B",
        help="keep steps A to before B of episode I (repeatable)",
    )
    parser.add_argument(
        "--rename", action="append", default=[], metavar="OLD=NEW", help="rename a column"
    )
    parser.add_argument("--drop", action="append", default=[], metavar="NAME", help="drop a column")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="give every episode this one-time value: a number, a list or a text",
    )
    add_target(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    with open_data(arguments) as source:
        write_data(_edited(source, arguments), arguments.to, arguments)
    return 0


def _edited(source: EpisodeSource, arguments: argparse.Namespace) -> EpisodeSource:
    """Return `source` with all changes, in the order: trim, delete, rename and drop, set."""
    deleted: set[int] = set()
    if arguments.delete is not None:
        deleted = set(parse_episodes(arguments.delete, len(source.lengths), source.filters))
    kept = [i for i in range(len(source.lengths)) if i not in deleted]
    edited = source
    if arguments.trim or arguments.trim_start or arguments.trim_end:
        kept_steps = _kept_steps(source, arguments)
        edited = RowsView(SubsetView(edited, kept), [kept_steps[i] for i in kept])
    elif deleted:
        edited = SubsetView(edited, kept)
    if arguments.rename or arguments.drop:
        edited = NamedView(edited, pairs(arguments.rename, "--rename", "OLD=NEW"), arguments.drop)
    if arguments.set:
        edited = _with_values(edited, pairs(arguments.set, "--set", "NAME=VALUE"))
    if edited is source:
        raise UsageError("nothing to change; see muse data edit --help")
    return edited


def _kept_steps(source: EpisodeSource, arguments: argparse.Namespace) -> list[slice]:
    """Return the steps to keep of each episode."""
    if arguments.trim_start < 0 or arguments.trim_end < 0:
        raise UsageError("--trim-start and --trim-end must not be negative")
    begin, lengths = arguments.trim_start, source.lengths.tolist()
    kept = [slice(begin, max(length - arguments.trim_end, 0)) for length in lengths]
    for which, text in pairs(arguments.trim, "--trim", "I=A:B, as in 3=10:120").items():
        bounds = re.fullmatch(r"(\d*):(\d*)", text)
        if bounds is None:
            raise UsageError(f"--trim {which}={text}: expected I=A:B, as in 3=10:120")
        first, last = (int(bound) if bound else None for bound in bounds.groups())
        for i in parse_episodes(which, len(lengths), source.filters):
            kept[i] = slice(first, last)
    return kept


def _with_values(source: EpisodeSource, values: dict[str, str]) -> EpisodeSource:
    arrays = {name: _array(name, text) for name, text in values.items()}
    columns = [Column(n, "edited", a.shape, a.dtype, "episode") for n, a in arrays.items()]
    return ComputedView(source, columns, lambda episode: arrays)


def _array(name: str, text: str) -> np.ndarray:
    """Return the value as float32, int64, bool or text."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = text
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.empty(0, object)
    if array.dtype.kind not in "fiubU":
        raise UsageError(f"--set {name}={text}: expected a number, a flat list of them, or a text")
    return array.astype(np.float32) if array.dtype.kind == "f" else array

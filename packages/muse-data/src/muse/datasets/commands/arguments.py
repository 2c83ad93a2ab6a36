"""The arguments that most sub-commands share, and what they stand for."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from muse.cli import console
from muse.cli.progress import Progress
from muse.core.errors import UsageError
from muse.datasets.formats.catalogue import open_source, target_for
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.views import SubsetView
from muse.datasets.tools.selection import parse_episodes


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add `DATA` and `--format`."""
    parser.add_argument(
        "data", help="the data set: a file or folder of any format, also below data/"
    )
    parser.add_argument("--format", default="auto", help="its format (auto)")
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME",
        help="a switch of that format: only_with_video, allow_legacy_pickle, … (repeatable)",
    )


def add_episodes(parser: argparse.ArgumentParser, help: str) -> None:
    """Add `--episodes`."""
    parser.add_argument("--episodes", metavar="WHICH", help=f"{help}: 0-9,12,-1 or a filter (all)")


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add `--to`, `--to-format` and `--overwrite`."""
    parser.add_argument(
        "--to", metavar="OUT", required=True, help="what to write: OUT.npz, else a store folder"
    )
    add_writing(parser)


def add_writing(parser: argparse.ArgumentParser) -> None:
    """Add `--to-format` and `--overwrite`."""
    parser.add_argument(
        "--to-format", metavar="FORMAT", help="format to write (by the name of OUT)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON for scripts, no table")


def open_data(arguments: argparse.Namespace) -> EpisodeSource:
    """Open `DATA`, or the episodes of it that `--episodes` names."""
    switches = {name.replace("-", "_"): True for name in arguments.option}
    source = open_source(arguments.data, arguments.format, switches)
    which = getattr(arguments, "episodes", None)
    if which is None:
        return source
    return SubsetView(source, parse_episodes(which, len(source.lengths), source.filters))


def write_data(source: EpisodeSource, out: str, arguments: argparse.Namespace) -> None:
    """Write `source` to `out` as `--to-format` and `--overwrite` say, with a progress bar."""
    path = Path(out)
    if path.exists() and not arguments.overwrite:
        raise UsageError(f"{path} exists; add --overwrite to replace it or choose another --to")
    target = target_for(path, arguments.to_format)
    for loss in target.losses(source):
        console.warn(f"{path.name} cannot hold {loss}")
    lengths = source.lengths
    entries = sum(
        int(lengths.sum()) if column.per == "step" else len(lengths) for column in source.columns()
    )
    bar: Progress[int]
    with console.progress(entries, f"writing {path.name}") as bar:
        target.write(source, path, bar.update)
    console.info(f"wrote {path}: {len(lengths)} episodes, {int(lengths.sum())} steps")


def pairs(words: Iterable[str], option: str, form: str) -> dict[str, str]:
    """Return `{a: b}` of words `a=b`.

    Raises:
        UsageError: a word has no `=`; `option` and `form` say what was expected where.
    """
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name or not value:
            raise UsageError(f"{option} {word!r}: expected {form}")
        found[name] = value
    return found

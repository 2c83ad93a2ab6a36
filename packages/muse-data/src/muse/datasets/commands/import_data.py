"""`muse data import`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from muse.cli import console
from muse.cli.progress import Progress
from muse.core.errors import UsageError, suggest
from muse.datasets.commands.list_formats import ListFormats
from muse.datasets.formats.catalogue import open_source, target_for
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.spec_file import write_spec
from muse.datasets.formats.target import EpisodeTarget, entries
from muse.datasets.formats.views import NamedView, SubsetView
from muse.experiments.file_manager import default_base_dir

#: Where a format goes without --to, below the base folder.
_DEFAULT_TARGETS = {"PushTZarr": "data/pusht/human.npz"}
_OPTIONS = ("allow_legacy_pickle", "without_video", "only_with_video")


def add_parser(commands: Any) -> None:
    """Add `import` to the sub-commands."""
    parser = commands.add_parser(
        "import",
        help="turn demonstrations of another format into a Muse .npz or store",
        description="Turn demonstrations of another format into a Muse .npz or store.",
    )
    add_source_arguments(parser)
    parser.add_argument("--format", default="auto", help="format of the source (auto)")
    parser.add_argument(
        "--to", metavar="OUT", help="OUT.npz, or a folder for a store (data/pusht/human.npz)"
    )
    add_writing_arguments(parser)
    parser.set_defaults(run=_run)


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says which episodes to read, and how."""
    parser.add_argument("source", help="file or folder to read, as given or below data/")
    parser.add_argument(
        "--list-formats", action=ListFormats, nargs=0, help="show what can be read and written"
    )
    parser.add_argument(
        "--map", action="append", default=[], metavar="OLD=NEW", help="rename a key"
    )
    parser.add_argument("--drop", action="append", default=[], metavar="KEY", help="leave out")
    parser.add_argument("--filter", metavar="NAME", help="only the episodes of this named subset")
    parser.add_argument(
        "--allow-legacy-pickle",
        action="store_true",
        help="read plain values out of object arrays of a .npz; runs nothing",
    )
    parser.add_argument(
        "--without-video", action="store_true", help="leave out what is stored as video"
    )
    parser.add_argument(
        "--only-with-video", action="store_true", help="only episodes whose videos are there"
    )


def add_writing_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says how to write."""
    parser.add_argument("--dry-run", action="store_true", help="show the plan, write nothing")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def source_of(arguments: argparse.Namespace, format_name: str) -> EpisodeSource:
    """Open the source that the arguments of `add_source_arguments` name."""
    options = {name: True for name in _OPTIONS if getattr(arguments, name)}
    source = open_source(arguments.source, format_name, options)
    return chosen(source, arguments.map, arguments.drop, arguments.filter)


def chosen(
    source: EpisodeSource, renames: Sequence[str], drops: Sequence[str], subset: str | None
) -> EpisodeSource:
    """Return `source` with keys renamed ("old=new") and dropped, and only a subset's episodes."""
    pairs: dict[str, str] = {}
    for item in renames:
        old, equals, new = item.partition("=")
        if not equals or not old or not new:
            raise UsageError(f"--map {item}: expected OLD=NEW")
        pairs[old] = new
    if pairs or drops:
        source = NamedView(source, pairs, drops)
    if subset is not None:
        if subset not in source.filters:
            raise UsageError(
                f"{source.path} has no subset {subset!r} for --filter; it has: "
                f"{', '.join(source.filters) or 'none'}.{suggest(subset, source.filters)}"
            )
        source = SubsetView(source, source.filters[subset])
    return source


def import_data(
    source: str,
    target: str | None = None,
    format_name: str = "auto",
    dry_run: bool = False,
    overwrite: bool = False,
    options: Mapping[str, Any] | None = None,
) -> int:
    """Read `source` and write it as a Muse `.npz` or store; return the exit status.

    Raises:
        UsageError: the target is missing or exists.
        DataError: the source cannot be read.
    """
    with open_source(source, format_name, options) as episodes:
        return _import(episodes, target, dry_run, overwrite)


def _run(arguments: argparse.Namespace) -> int:
    with source_of(arguments, arguments.format) as source:
        return _import(source, arguments.to, arguments.dry_run, arguments.overwrite)


def _import(source: EpisodeSource, target: str | None, dry_run: bool, overwrite: bool) -> int:
    out = _target_path(source, target)
    status = write_episodes(source, target_for(out), out, dry_run, overwrite)
    if not dry_run and (written := write_spec(source, out)):
        console.info(
            f"wrote {written}, its env spec; check its groups and limits, then train with "
            f"'%env_spec {written}' behind the root options of the config"
        )
    return status


def write_episodes(
    source: EpisodeSource, target: EpisodeTarget, out: Path, dry_run: bool, overwrite: bool
) -> int:
    """Show what will be written and, unless it is a dry run, write it; return the exit status.

    Raises:
        UsageError: `out` exists and is not to be replaced.
    """
    show_plan(source, out)
    for loss in target.losses(source):
        console.warn(f"{out.name} will not hold {loss}")
    if dry_run:
        console.info("dry run: nothing written")
        return 0
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists; add --overwrite to replace it or choose another place")
    bar: Progress[int]
    with console.progress(entries(source), f"writing {out.name}") as bar:
        target.write(source, out, bar.update)
    files = [out] if out.is_file() else [p for p in out.rglob("*") if p.is_file()]
    console.info(f"wrote {out} ({sum(p.stat().st_size for p in files) / 2**20:.1f} MiB)")
    return 0


def show_plan(source: EpisodeSource, out: Path) -> None:
    """Print the mapping, the episodes, and what cannot be placed."""
    console.table(
        f"{source.path} -> {out}",
        ("key", "from", "per", "shape", "dtype"),
        [(c.name, c.source, c.per, str(c.shape), str(c.dtype)) for c in source.columns()],
    )
    lengths = source.lengths
    if len(lengths):
        console.info(
            f"{len(lengths)} episodes, {int(lengths.sum())} steps, "
            f"{int(np.min(lengths))} to {int(np.max(lengths))} each"
        )
    if source.filters:
        named = ", ".join(f"{name} ({len(found)})" for name, found in source.filters.items())
        console.info(f"subsets for --filter: {named}")
    for item in source.unplaced():
        console.info(f"left out: {item}")


def _target_path(source: EpisodeSource, target: str | None) -> Path:
    if target is not None:
        return Path(target)
    default = _DEFAULT_TARGETS.get(type(source).__name__)
    if default is None:
        raise UsageError("muse data import: name what to write with --to OUT.npz or --to FOLDER")
    return default_base_dir() / default

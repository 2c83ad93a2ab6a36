"""`muse data view`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from muse.cli import console
from muse.cli.progress import Progress
from muse.core.errors import DataError, UsageError
from muse.datasets.commands.arguments import add_source, open_data
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.tools.examination import examine
from muse.datasets.tools.selection import parse_episodes

_MOST = 300  # episodes drawn unless they are named


def add_parser(commands: Any) -> None:
    """Add `view` to the sub-commands."""
    parser = commands.add_parser(
        "view",
        help="make one HTML page to look at episodes, or a Rerun recording",
        description="Make one HTML page that needs nothing beside it: every episode with its "
        "signals and pictures, distributions, starts, and what looks wrong.",
    )
    add_source(parser)
    parser.add_argument(
        "--episodes",
        metavar="WHICH",
        help=f"episodes to draw: 0-9,12,-1 or a filter (all, or {_MOST} spread evenly)",
    )
    parser.add_argument("--out", metavar="PAGE.html", help="the page to write (DATA.html, here)")
    parser.add_argument(
        "--max-mb", type=float, default=25.0, help="size to keep below, MiB; pictures adapt (25)"
    )
    parser.add_argument("--rerun", metavar="OUT.rrd", help="write a Rerun recording, no page")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    which, arguments.episodes = arguments.episodes, None
    with open_data(arguments) as source:
        if not len(source.lengths):
            raise DataError(f"{source.path} has no episodes to look at; record or import some")
        episodes = _chosen(source, which)
        if arguments.rerun is not None:
            _record(source, episodes, Path(arguments.rerun))
        else:
            out = Path(arguments.out or f"{source.path.name.partition('.')[0]}.html")
            _write_page(source, episodes, out, arguments.max_mb)
    return 0


def _chosen(source: EpisodeSource, which: str | None) -> list[int]:
    count = len(source.lengths)
    if which is not None:
        return parse_episodes(which, count, source.filters)
    return np.unique(np.linspace(0, count - 1, min(count, _MOST)).astype(int)).tolist()


def _write_page(source: EpisodeSource, episodes: list[int], out: Path, max_mb: float) -> None:
    from muse.datasets.view.page import Page

    if out.suffix != ".html":
        raise UsageError(f"--out {out}: expected a name that ends in .html")
    if max_mb <= 0:
        raise UsageError(f"--max-mb {max_mb:g}: expected a number above 0")
    bar: Progress[int]
    with console.progress(len(source.lengths), "checking episodes") as bar:
        found = examine(source, advance=lambda: bar.update(1))
    page = Page(source, found, episodes, max_mb)
    with console.progress(len(episodes), "drawing episodes") as bar:
        page.write(out, lambda: bar.update(1))
    size = out.stat().st_size / 2**20
    console.info(f"wrote {out} ({size:.1f} MiB), {len(episodes)} episodes")
    if size > max_mb:
        console.warn(f"{out} is larger than {max_mb:g} MiB; draw fewer with --episodes")


def _record(source: EpisodeSource, episodes: list[int], out: Path) -> None:
    from muse.datasets.view.rerun_recording import write_recording

    bar: Progress[int]
    with console.progress(len(episodes), f"writing {out.name}") as bar:
        write_recording(source, episodes, out, lambda: bar.update(1))
    console.info(f"wrote {out}; look at it with: rerun {out}")

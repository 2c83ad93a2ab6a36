"""`muse data export`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from muse.datasets.commands.import_data import (
    add_source_arguments,
    add_writing_arguments,
    source_of,
    write_episodes,
)
from muse.datasets.formats.catalogue import TARGETS, open_source, target_for


def add_parser(commands: Any) -> None:
    """Add `export` to the sub-commands."""
    parser = commands.add_parser(
        "export",
        help="write episodes in the format of another toolkit",
        description="Write episodes in the format of another toolkit.",
    )
    add_source_arguments(parser)
    parser.add_argument("--to", metavar="OUT", required=True, help="file or folder to write")
    parser.add_argument(
        "--format", required=True, metavar="FORMAT", help=f"one of {', '.join(TARGETS)}"
    )
    add_images_argument(parser)
    add_writing_arguments(parser)
    parser.set_defaults(run=_run)


def add_images_argument(parser: argparse.ArgumentParser) -> None:
    """Add how LeRobot's formats keep pictures."""
    parser.add_argument(
        "--images", choices=("video", "png"), help="how LeRobot's formats keep pictures (video)"
    )


def target_options(images: str | None) -> dict[str, Any]:
    """Return the options of a target that `--images` asks for."""
    return {} if images is None else {"images": images}


def export_data(
    source: str,
    to: str,
    format_name: str | None = None,
    images: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
) -> int:
    """Write the episodes of `source` to `to` in a format; return the exit status.

    Raises:
        UsageError: no such format, or `to` exists.
        DataError: the source cannot be read, or the format cannot hold it.
    """
    target = target_for(to, format_name, target_options(images))
    with open_source(source) as episodes:
        return write_episodes(episodes, target, Path(to), dry_run, overwrite)


def _run(arguments: argparse.Namespace) -> int:
    target = target_for(arguments.to, arguments.format, target_options(arguments.images))
    with source_of(arguments, "auto") as source:
        out = Path(arguments.to)
        return write_episodes(source, target, out, arguments.dry_run, arguments.overwrite)

"""`muse data convert`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from muse.datasets.commands.export_data import add_images_argument, target_options
from muse.datasets.commands.import_data import (
    add_source_arguments,
    add_writing_arguments,
    source_of,
    write_episodes,
)
from muse.datasets.formats.catalogue import SOURCES, TARGETS, target_for


def add_parser(commands: Any) -> None:
    """Add `convert` to the sub-commands."""
    parser = commands.add_parser(
        "convert",
        help="from any format to any other",
        description="Turn episodes of any format into any other. Without --format a name that ends "
        "in .npz becomes a Muse .npz, any other a store.",
    )
    add_source_arguments(parser)
    parser.add_argument("out", help="file or folder to write")
    parser.add_argument(
        "--from", dest="from_format", default="auto", metavar="FORMAT",
        help=f"format of the source (auto): {', '.join(SOURCES)}",
    )  # fmt: skip
    parser.add_argument("--format", metavar="FORMAT", help=f"to write: {', '.join(TARGETS)}")
    add_images_argument(parser)
    add_writing_arguments(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    target = target_for(arguments.out, arguments.format, target_options(arguments.images))
    with source_of(arguments, arguments.from_format) as source:
        out = Path(arguments.out)
        return write_episodes(source, target, out, arguments.dry_run, arguments.overwrite)

"""`muse data merge`."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Any

from muse.datasets.commands.arguments import add_target, write_data
from muse.datasets.formats.catalogue import open_source
from muse.datasets.formats.views import JoinedView


def add_parser(commands: Any) -> None:
    """Add `merge` to the sub-commands."""
    parser = commands.add_parser(
        "merge",
        help="put data sets one behind the other",
        description="Put the episodes of several data sets, of one or of several formats, one "
        "behind the other. All must have the same columns.",
    )
    parser.add_argument("data", nargs="+", help="the data sets")
    parser.add_argument("--format", default="auto", help="their format (auto)")
    parser.add_argument("--common", action="store_true", help="keep only columns that all have")
    add_target(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    with ExitStack() as stack:
        sources = [
            stack.enter_context(open_source(path, arguments.format)) for path in arguments.data
        ]
        write_data(JoinedView(sources, arguments.common), arguments.to, arguments)
    return 0

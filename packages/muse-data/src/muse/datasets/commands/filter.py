"""`muse data filter`."""

from __future__ import annotations

import argparse
from typing import Any

from muse.cli import console
from muse.core.errors import UsageError
from muse.datasets.commands.arguments import add_source, add_target, open_data, write_data
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.views import SubsetView
from muse.datasets.tools import expression
from muse.datasets.tools.expression import EpisodeExpression


def add_parser(commands: Any) -> None:
    """Add `filter` to the sub-commands."""
    parser = commands.add_parser(
        "filter",
        help="keep the episodes that fulfil a condition",
        description="Keep the episodes that fulfil a condition.",
        epilog="for instance: muse data filter demos.npz 'length > 50 and max(reward) >= 1' "
        f"--to good.npz. {expression.HELP}",
    )
    add_source(parser)
    parser.add_argument("condition", help="Python-like expression over the columns of an episode")
    add_target(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    with open_data(arguments) as source:
        kept = matching(source, EpisodeExpression(arguments.condition))
        console.info(f"{len(kept)} of {len(source.lengths)} episodes: {arguments.condition}")
        if not kept:
            raise UsageError("no episode fulfils the condition; nothing was written")
        write_data(SubsetView(source, kept), arguments.to, arguments)
    return 0


def matching(source: EpisodeSource, condition: EpisodeExpression) -> list[int]:
    """Return the episodes that fulfil `condition`."""
    condition.check(source)
    episodes = console.progress(range(len(source.lengths)), "looking at episodes")
    return [i for i in episodes if condition.matches(source, i)]

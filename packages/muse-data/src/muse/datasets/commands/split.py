"""`muse data split`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from muse.cli import console
from muse.core.errors import UsageError
from muse.datasets.commands.arguments import add_source, add_writing, open_data, pairs, write_data
from muse.datasets.formats.views import SplitView, SubsetView
from muse.datasets.tools.splitting import record_filters, split_by_value, split_episodes


def add_parser(commands: Any) -> None:
    """Add `split` to the sub-commands."""
    parser = commands.add_parser(
        "split",
        help="part the episodes into train, valid, …",
        description="Part the episodes at random. With {name} in OUT every part gets a data set "
        "of its own; otherwise OUT is a store that holds all episodes and the parts as filters. "
        "Without --to the filters are written into the store DATA itself.",
        epilog="example: muse data split demos.npz train=0.9 valid=0.1 --to 'demos_{name}.npz'",
    )
    add_source(parser)
    parser.add_argument(
        "parts",
        nargs="+",
        metavar="NAME=SHARE",
        help="a part and its share of the episodes (0.9) or their number (180)",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw (0)")
    parser.add_argument(
        "--by",
        metavar="COLUMN",
        help="keep episodes with the same entry of this episode column together; an entry goes to "
        "the same part however much data is added",
    )
    parser.add_argument("--to", metavar="OUT", help="where to, see above")
    add_writing(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    shares = {
        name: _share(name, text)
        for name, text in pairs(arguments.parts, "part", "NAME=SHARE, as in train=0.9").items()
    }
    with open_data(arguments) as source:
        if arguments.by is None:
            parts = split_episodes(len(source.lengths), shares, arguments.seed)
        else:
            parts = split_by_value(source, arguments.by, shares, arguments.seed)
        _show(parts, len(source.lengths))
        if arguments.to is None:
            record_filters(source.path, parts)
            console.info(f"wrote the filters {', '.join(parts)} into {source.path}")
            return 0
        if "{name}" not in arguments.to:
            write_data(SplitView(source, parts), arguments.to, arguments)
            return 0
        outs = {name: arguments.to.replace("{name}", name) for name in parts}
        for out in outs.values():  # before the first of them is written
            if Path(out).exists() and not arguments.overwrite:
                raise UsageError(f"{out} exists; add --overwrite to replace it")
        for name, episodes in parts.items():
            write_data(SubsetView(source, episodes), outs[name], arguments)
    return 0


def _share(name: str, text: str) -> int | float:
    try:
        share: int | float = int(text) if text.isdigit() else float(text)
    except ValueError:
        share = -1
    if share < 0 or (isinstance(share, float) and not 0 <= share <= 1):
        raise UsageError(f"{name}={text}: expected a share from 0.0 to 1.0 or a whole number")
    return share


def _show(parts: dict[str, list[int]], count: int) -> None:
    for name, episodes in parts.items():
        if not episodes:
            raise UsageError(
                f"{name} would get none of the {count} episodes; give it a larger share"
            )
    told = ", ".join(f"{name} {len(episodes)}" for name, episodes in parts.items())
    left = count - sum(map(len, parts.values()))
    console.info(f"{count} episodes: {told}{f', in no part {left}' if left else ''}")

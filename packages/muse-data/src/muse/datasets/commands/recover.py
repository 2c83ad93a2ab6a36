"""`muse data recover`."""

from __future__ import annotations

import argparse
from typing import Any

from muse.cli import console
from muse.datasets.store.places import find_store
from muse.datasets.store.recovery import Recovery, Salvaged
from muse.datasets.store.recovery import recover as recover_store


def add_parser(commands: Any) -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "recover",
        help="salvage what a crash left of a recording",
        description="Make the steps that a crashed recorder had on the disk an episode, and every "
        "finished episode part of the store. Doing it again changes nothing.",
    )
    parser.add_argument("store", help="the folder of the store, as given or below data/")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return recover(arguments.store)


def recover(path: str) -> int:
    """Recover the store at `path`, say what was saved and what was lost, and return 0.

    Raises:
        DataError: it is no store, or a finished episode is damaged.
        UsageError: a recorder is at work there.
    """
    found = recover_store(find_store(path))
    for salvaged in found.salvaged:
        console.info(_told(salvaged))
    console.info(_summary(path, found))
    return 0


def _told(salvaged: Salvaged) -> str:
    torn = f"; {salvaged.torn_bytes} bytes behind them were torn" if salvaged.torn_bytes else ""
    if salvaged.number is None:
        return f"an episode had no step on the disk yet and is gone{torn}"
    text = f"episode {salvaged.number}: {salvaged.steps} steps salvaged, those after them are lost"
    if salvaged.unknown:
        text += f"; not known yet and zero now: {', '.join(salvaged.unknown)}"
    return text + torn


def _summary(path: str, found: Recovery) -> str:
    if not (found.salvaged or found.folded or found.removed):
        return f"{path}: nothing to recover"
    return (
        f"{path}: {found.folded} episodes added to the array files, "
        f"{found.removed} leftovers of killed writers removed"
    )

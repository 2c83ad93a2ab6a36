"""`muse envs list`."""

from __future__ import annotations

import argparse
import json
from typing import Any

from muse.cli import console
from muse.envs.catalogue import Entry, entries
from muse.envs.commands.arguments import add_json
from muse.envs.commands.installed import is_installed

_PACKAGE = "muse-envs"


def add_parser(commands: Any) -> None:
    """Add `list` to the sub-commands."""
    parser = commands.add_parser(
        "list",
        help="list the environments that Muse ships",
        description="List the environments that Muse ships: what is to be done in each, how to "
        "install it, whether it has a scripted expert and an image observation. GymEnv takes "
        "every other id of gymnasium as well.",
        allow_abbrev=False,
    )
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps([_as_json(entry) for entry in entries()], indent=2))
        return 0
    rows = [
        (
            entry.name,
            entry.summary,
            "installed" if is_installed(entry) else f"pip install '{_PACKAGE}[{entry.extra}]'",
            "yes" if entry.expert else "-",
            "yes" if entry.image_params is not None else "-",
        )
        for entry in entries()
    ]
    console.table("", ("name", "what is to be done", "installed", "expert", "image"), rows)
    console.info("more: muse envs info NAME; drive it: muse envs play NAME")
    return 0


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "cls": entry.cls,
        "summary": entry.summary,
        "extra": entry.extra,
        "installed": is_installed(entry),
        "expert": entry.expert,
        "image": entry.image_params is not None,
        "params": dict(entry.params),
    }

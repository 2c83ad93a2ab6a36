"""`muse data`: bring data in and out, look at them, mend them."""

from __future__ import annotations

import argparse
from importlib import import_module

from muse.cli.parser import CommandParser

_PROGRAM = "muse data"

#: The modules beside this one, in the order of `muse data --help`. Each has
#: `add_parser(commands)`, which sets `run`: a function of the parsed arguments that returns the
#: exit status.
COMMANDS = (
    "import_data",
    "export_data",
    "convert",
    "info",
    "view",
    "stats",
    "split",
    "merge",
    "filter",
    "edit",
    "relabel",
    "play",
    "replay",
    "download",
    "recover",
)


def main(argv: list[str]) -> int:
    """Import, look at, check, edit and replay demonstrations."""
    arguments = _parser().parse_args(argv)
    status: int = arguments.run(arguments)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(prog=_PROGRAM, description=main.__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=CommandParser
    )
    for name in COMMANDS:
        import_module(f"{__package__}.{name}").add_parser(commands)
    return parser

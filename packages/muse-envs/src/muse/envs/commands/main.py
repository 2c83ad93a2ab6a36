"""`muse envs`: look at the environments, drive them, run their experts, check your own."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from muse.cli.parser import CommandParser

#: The modules beside this one, in the order of `muse envs --help`. Each has
#: `add_parser(commands)`, which sets `run`: a function of the parsed arguments that returns the
#: exit status. `arguments.overrides` are the words that no option took: the parameters of the
#: environment.
COMMANDS = ("list_envs", "info", "play", "expert", "check", "video")


def main(argv: list[str]) -> int:
    """List, show, play, solve, check and film environments."""
    parser = _parser()
    arguments, words = parser.parse_known_args(argv)
    if words and not hasattr(arguments, "env"):
        parser.error(f"unrecognized arguments: {' '.join(words)}")
    arguments.overrides = words
    if os.getcwd() not in sys.path:  # a class in the current folder, as with python -m
        sys.path.insert(0, os.getcwd())
    status: int = arguments.run(arguments)
    return status


def _parser() -> CommandParser:
    parser = CommandParser(prog="muse envs", description=main.__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=CommandParser
    )
    for name in COMMANDS:
        import_module(f"{__package__}.{name}").add_parser(commands)
    return parser

"""Arguments that the commands share."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from muse.core.errors import UsageError

_CONFIG_HELP = ("-h", "--help")


class CommandParser(argparse.ArgumentParser):
    """An argument parser whose mistakes are `UsageError`s of one line.

    Args:
        name: the sub-command.
        description: what it does.
        example: one call of it.
    """

    def __init__(self, name: str, description: str, example: str = "") -> None:
        super().__init__(
            prog=f"muse {name}",
            description=description,
            epilog=f"example: {example}" if example else None,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        raise UsageError(f"{self.prog.removeprefix('muse ')}: {message} (see {self.prog} -h)")

    def add_config(self, metavar: str = "CONFIG") -> None:
        """Add the config and everything after it."""
        self.add_argument("config", metavar=metavar, help="config file, looked up here, then in muse.cfgs")
        self.add_argument(
            "config_args",
            metavar="ARGS",
            nargs=argparse.REMAINDER,
            help="overrides: --name value, %%%%group --name value; -h shows what there is",
        )

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Parse `argv`; `config_help` tells that -h stands among the config's arguments."""
        args = self.parse_args(list(argv))
        rest = getattr(args, "config_args", [])
        args.config_help = True if any(a in _CONFIG_HELP for a in rest) else None
        return args

    def show_config_help(self, args: argparse.Namespace) -> int:
        """Print the config's own help, at the level where -h stands."""
        from muse.configs import format_help

        print(format_help(args.config, args.config_args))
        return 0


def positive_int(text: str) -> int:
    """A whole number above zero; 1e3 is one too."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if number < 1 or not number.is_integer():
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(number)


def seed_list(text: str) -> list[int]:
    """Seeds as `7`, `1,2,3` or a range `100:150` (end excluded)."""
    try:
        if ":" in text:
            first, last = (int(part) for part in text.split(":"))
            seeds = list(range(first, last))
        else:
            seeds = [int(part) for part in text.split(",")]
    except ValueError:
        seeds = []
    if not seeds or min(seeds) < 0:
        raise argparse.ArgumentTypeError(f"expected 7, 1,2,3 or 100:150, got {text!r}")
    return seeds

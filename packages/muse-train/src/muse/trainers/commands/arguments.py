"""Arguments that the commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from muse.cli.parser import CommandParser

MAX_SEED = 2**53  # exact as a float of JSON too, and far from the end of 64 bits


class RunParser(CommandParser):
    """Parser of a command that may work on a config.

    Args:
        name: the sub-command.
        description: what it does.
        options: adds the command's own options to a parser.
        example: one call of it.
        config: what the one positional argument is called; options of the command may stand
            before or after it, everything else after it is an override of the config.
        config_help: help of that argument; "" for a command without a config.
    """

    def __init__(
        self,
        name: str,
        description: str,
        options: Callable[[argparse.ArgumentParser], None],
        example: str = "",
        config: str = "CONFIG",
        config_help: str = "",
    ) -> None:
        super().__init__(
            prog=f"muse {name}",
            description=description,
            epilog=f"example: {example}" if example else None,
            allow_abbrev=False,
        )
        self._options = options
        self._has_config = bool(config_help)
        options(self)
        if config_help:
            self.add_argument("config", metavar=config, help=config_help)
            rest = self.add_argument(
                "config_args",
                metavar="ARGS",
                nargs=argparse.REMAINDER,
                help=f"overrides: --name value, %%group --name value; {config} -h lists them",
            )
            rest.required = False  # for argparse it is one of those that are missing

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Parse `argv`.

        With a config, `config_args` holds its overrides, -h for the config's own help included.
        """
        args = self.parse_args(list(argv))
        if not self._has_config:
            return args
        rest: list[str] = args.config_args
        groups = next((i for i, word in enumerate(rest) if word.startswith("%")), len(rest))
        late = _Late(prog=self.prog, add_help=False, allow_abbrev=False)
        self._options(late)
        late.forget_defaults()
        _, unknown = late.parse_known_args(rest[:groups], args)
        args.config_args = [*unknown, *rest[groups:]]
        return args


class _Late(CommandParser):
    """Finds options of the command that stand after the config."""

    def forget_defaults(self) -> None:
        """Leave alone what the options before the config have set."""
        for action in self._actions:
            action.default = argparse.SUPPRESS


def positive_int(text: str) -> int:
    """A whole number above zero; 1e3 is one too."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if number < 1 or not number.is_integer():
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(number)


def natural(text: str) -> int:
    """A whole number from zero on."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on, got {text!r}")
    return int(text)


def seed(text: str) -> int:
    """The seed of an episode: a whole number that, with those after it, fits 64 bits."""
    number = natural(text)
    if number > MAX_SEED:
        raise argparse.ArgumentTypeError(f"expected a seed up to {MAX_SEED}, got {text!r}")
    return number


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
    if not seeds or min(seeds) < 0 or max(seeds) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"expected 7, 1,2,3 or 100:150, got {text!r}")
    return seeds

"""The arguments that most sub-commands share, and what they stand for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from muse.core import types
from muse.core.attrdict import AttrDict
from muse.core.errors import UsageError

T = TypeVar("T", int, float)


def add_env(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add `ENV` and `--image`; the environment's parameters are what no option takes."""
    parser.add_argument(
        "env",
        metavar="ENV",
        nargs=None if required else "?",
        help="a name of muse envs list, the import path of an Env class (also of a file in this "
        "folder: my_file.MyEnv), or a config of the environment; after it, parameters: "
        "--num_steps 50 (muse envs info ENV lists them)",
    )
    parser.add_argument("--image", action="store_true", help="with the image observation")


def add_presets(parser: argparse.ArgumentParser) -> None:
    """Add `--preset`."""
    parser.add_argument(
        "--preset",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="begin each episode from this value: --preset goal=[1,2] (repeatable)",
    )


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add `--policy`."""
    parser.add_argument(
        "--policy",
        default="expert",
        metavar="POLICY",
        help="expert, random, or the import path of a Policy class (expert)",
    )


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add `--seed`."""
    parser.add_argument("--seed", type=int, default=0, help="of the first episode (0)")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON for scripts, no table")


def positive_int(text: str) -> int:
    """An argparse type: a whole number of 1 or more."""
    return _number(int, text, lambda value: value >= 1, "a whole number of 1 or more")


def natural(text: str) -> int:
    """An argparse type: a whole number of 0 or more."""
    return _number(int, text, lambda value: value >= 0, "a whole number of 0 or more")


def positive_float(text: str) -> float:
    """An argparse type: a number above 0."""
    return _number(float, text, lambda value: value > 0, "a number above 0")


def presets_of(words: Iterable[str]) -> AttrDict | None:
    """Return the presets of words `name=value`, None where there are none.

    Raises:
        UsageError: a word has no `=`.
    """
    presets = AttrDict()
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or not name or not text:
            raise UsageError(f"--preset {word!r}: expected NAME=VALUE, e.g. goal=[1.0,2.0]")
        presets[name] = types.parse(text, Any)
    return presets or None


def _number(kind: Callable[[str], T], text: str, is_good: Callable[[T], bool], what: str) -> T:
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not is_good(value):
        raise argparse.ArgumentTypeError(f"expected {what}, got {text!r}")
    return value

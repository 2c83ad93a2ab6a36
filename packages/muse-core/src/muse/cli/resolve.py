"""`muse resolve`: show a config with every value worked out and where each came from."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from muse.cli.parser import CommandParser
from muse.core.attrdict import AttrDict

_JSON = "--json"
_QUERY = "--query"


def main(argv: Sequence[str] | None = None) -> int:
    """Show a config's values and where each came from."""
    words = _options_first(list(sys.argv[1:] if argv is None else argv))
    args = _parser().parse_args(words)
    from muse.configs import config_help, load_config

    text = config_help(args.config, args.config_args)
    if text is not None:
        print(text)
        return 0
    from muse.configs import show

    config = load_config(args.config, args.config_args)
    if args.query is not None:
        value = show.query(config, args.query)
        print(show.to_json(value) if args.json else _plain(value))
    elif args.json:
        print(config.to_json(), end="")
    else:
        _print_tree(config)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="muse resolve",
        description="Show a config with every value worked out and where each came from.",
        epilog="example: muse resolve cfgs/exp/pusht/bc_rnn.py --batch_size 8 "
        "%model --hidden_size 256 --query model",
        allow_abbrev=False,
    )
    parser.add_argument(
        _JSON, action="store_true", help="print config.json as a run would write it"
    )
    parser.add_argument(_QUERY, metavar="KEY", help="print one value or group, e.g. model/lr")
    parser.add_argument(
        "config",
        metavar="CONFIG",
        help="config file, looked up here, then in muse.cfgs; or exp=FOLDER of an earlier run",
    )
    rest = parser.add_argument(
        "config_args",
        metavar="ARGS",
        nargs=argparse.REMAINDER,
        help="overrides: --name value, %%group --name value; CONFIG -h lists them",
    )
    rest.required = False  # for argparse it is one of those that are missing
    return parser


def _options_first(words: list[str]) -> list[str]:
    """Bring `--json` and `--query KEY` to the front, wherever they stand."""
    front: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == _QUERY and at + 1 < len(words):
            front += words[at : at + 2]
            at += 1
        elif word == _JSON or word.startswith(_QUERY + "="):
            front.append(word)
        else:
            rest.append(word)
        at += 1
    return front + rest


def _plain(value: object) -> str:
    from muse.configs.show import node_text, show_value

    if isinstance(value, AttrDict):
        return node_text(value)
    return value if isinstance(value, str) else show_value(value)


def _print_tree(config: object) -> None:
    from muse.cli import console
    from muse.configs import Config, show

    assert isinstance(config, Config)
    if sys.stdout.isatty() and console.has_rich():
        from rich.console import Console

        Console(soft_wrap=True).print(show.rich_tree(config))
    else:
        print(show.tree_text(config))

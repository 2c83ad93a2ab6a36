"""`muse envs check`."""

from __future__ import annotations

import argparse
from typing import Any

from muse.cli import console
from muse.core.attrdict import AttrDict
from muse.envs.commands.arguments import (
    add_env,
    add_presets,
    add_seed,
    positive_int,
    presets_of,
)
from muse.envs.commands.chosen import chosen
from muse.envs.testing import check_env


def add_parser(commands: Any) -> None:
    """Add `check` to the sub-commands."""
    parser = commands.add_parser(
        "check",
        help="check that an environment, also one of your own, keeps the contract",
        description="Check that an environment keeps the contract of Env: a line for each rule "
        "kept, and an error, with status 1, at the first one broken.",
        epilog="example: muse envs check my_file.MyEnv --steps 200",
        allow_abbrev=False,
    )
    add_env(parser)
    parser.add_argument(
        "--steps", type=positive_int, default=50, help="random steps in each run (50)"
    )
    add_seed(parser)
    add_presets(parser)
    parser.add_argument(
        "--no-render", action="store_true", help="for an environment that has no picture"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    env = chosen(arguments)
    presets = presets_of(arguments.preset)
    if presets is None and env.entry is not None and env.entry.presets is not None:
        presets = AttrDict(env.entry.presets)
    check_env(
        env.group["cls"],
        AttrDict((name, value) for name, value in env.group.items() if name != "cls"),
        steps=arguments.steps,
        seed=arguments.seed,
        render=not arguments.no_render,
        presets=presets,
        on_rule=lambda rule: print(f"ok: {rule}", flush=True),
    )
    console.info(f"{env.name} keeps the contract")
    return 0

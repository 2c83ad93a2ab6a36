"""`muse envs play`."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from muse.cli import console
from muse.core.errors import UsageError
from muse.envs.commands.arguments import (
    add_env,
    add_presets,
    add_seed,
    positive_float,
    positive_int,
    presets_of,
)
from muse.envs.commands.chosen import Chosen, chosen
from muse.envs.commands.episode_file import EpisodeFile
from muse.envs.env import Env
from muse.envs.teleop import TeleopSession, TeleopWindow


def add_parser(commands: Any) -> None:
    """Add `play` to the sub-commands."""
    parser = commands.add_parser(
        "play",
        help="drive an environment by keyboard and mouse, and record it",
        description="Open a window and drive an environment by keyboard and mouse; the window "
        "says what the keys do. r (or return) ends the episode, p pauses, q (or escape) quits; a "
        "letter that the environment uses itself is the environment's. With --record, y keeps "
        "an episode after its end and n throws it away; kept ones are on the disk at once.",
        epilog="example: muse envs play push-t --record data/my_push_t --episodes 10",
        allow_abbrev=False,
    )
    add_env(parser)
    parser.add_argument(
        "--record",
        type=Path,
        metavar="OUT",
        help="keep episodes in OUT.npz, or in a store (a folder), which grows",
    )
    parser.add_argument("--episodes", type=positive_int, help="stop after so many (at quit)")
    add_seed(parser)
    add_presets(parser)
    parser.add_argument("--fps", type=positive_float, default=10.0, help="steps a second (10)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    choice = chosen(arguments)
    if choice.group.get("render"):
        raise UsageError("play has a window of its own; leave --render out")
    seeds: Iterable[int] = itertools.count(arguments.seed)
    if arguments.episodes is not None:
        seeds = range(arguments.seed, arguments.seed + arguments.episodes)
    with ExitStack() as stack:
        env = stack.enter_context(choice.make())
        _refuse_without_keys(env, choice)
        window = TeleopWindow(choice.name, env.teleop_keys, arguments.fps)
        stack.enter_context(window)
        keep = None
        if arguments.record is not None:
            info = {"env": choice.group["cls"], "fps": arguments.fps, "origin": "muse envs play"}
            file = stack.enter_context(EpisodeFile(arguments.record, env.env_spec, info))
            keep = file.add
        session = TeleopSession(env, window, keep, presets_of(arguments.preset))
        episodes = session.run(seeds)
    successes = sum(episode.success for episode in episodes)
    console.info(f"{len(episodes)} episodes, {successes} successful")
    if arguments.record is not None:
        console.info(f"{session.kept} kept in {arguments.record}")
    return 0


def _refuse_without_keys(env: Env, choice: Chosen) -> None:
    if env.teleop_keys:
        return
    instead = f"muse envs video {choice.name} --policy random --out {choice.name}.gif"
    if choice.entry is not None and choice.entry.expert is not None:
        instead = f"muse envs expert {choice.name} --video {choice.name}.gif"
    raise UsageError(
        f"{choice.name} cannot be played: {type(env).__name__} has no teleoperation; to watch it, "
        f"run: {instead}"
    )

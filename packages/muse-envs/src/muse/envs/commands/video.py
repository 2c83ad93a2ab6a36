"""`muse envs video`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from muse.cli import console
from muse.envs.commands.arguments import (
    add_env,
    add_policy,
    add_presets,
    add_seed,
    positive_float,
    positive_int,
    presets_of,
)
from muse.envs.commands.chosen import chosen
from muse.envs.commands.trial import run_trial
from muse.envs.video import refuse_unwritable, write_video


def add_parser(commands: Any) -> None:
    """Add `video` to the sub-commands."""
    parser = commands.add_parser(
        "video",
        help="film episodes of the expert or of random actions",
        description="Film episodes of the scripted expert, of random actions or of a policy of "
        "your own, without a display.",
        epilog="example: muse envs video stack-block --out stack.gif --episodes 2",
        allow_abbrev=False,
    )
    add_env(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="what to write: .mp4 or .gif"
    )
    add_policy(parser)
    parser.add_argument("--episodes", type=positive_int, default=1, help="one after the other (1)")
    add_seed(parser)
    add_presets(parser)
    parser.add_argument("--fps", type=positive_float, default=10.0, help="pictures a second (10)")
    parser.add_argument(
        "--scale", type=positive_int, default=1, help="side of the square a pixel becomes (1)"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    refuse_unwritable(arguments.out)
    env = chosen(arguments)
    seeds = range(arguments.seed, arguments.seed + arguments.episodes)
    with console.progress(len(seeds), f"filming {env.name}") as bar:
        trial = run_trial(
            env,
            env.policy(arguments.policy),
            seeds,
            presets=presets_of(arguments.preset),
            frames=len(seeds),
            on_episode=lambda episode: bar.update(1),
        )
    frames = [frame for episode in trial.episodes for frame in episode.frames]
    write_video(arguments.out, frames, arguments.fps, arguments.scale)
    summary = trial.summary
    console.info(
        f"wrote {arguments.out}: {len(frames)} pictures, {summary.successes} of {summary.n} "
        "episodes successful"
    )
    return 0

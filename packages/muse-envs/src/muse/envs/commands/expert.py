"""`muse envs expert`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from muse.cli import console
from muse.core.errors import MuseError, UsageError, message_line
from muse.envs.catalogue import entries
from muse.envs.commands.arguments import (
    add_env,
    add_json,
    add_policy,
    add_presets,
    add_seed,
    natural,
    positive_float,
    positive_int,
    presets_of,
)
from muse.envs.commands.chosen import Chosen, chosen, chosen_entry
from muse.envs.commands.installed import is_installed
from muse.envs.commands.trial import Trial, run_trial
from muse.envs.episode import Episode
from muse.envs.video import refuse_unwritable, write_video

_FILMED = 3  # episodes in the video
_COLUMNS = ("environment", "success", "rate", "95 % from", "to", "steps", "score", "steps/s")


def add_parser(commands: Any) -> None:
    """Add `expert` to the sub-commands."""
    parser = commands.add_parser(
        "expert",
        help="run the scripted expert and measure how often it succeeds",
        description="Run the scripted expert of an environment, or another policy, over many "
        "seeds: successes with their 95 % Wilson interval, mean length and score, and steps a "
        "second of all workers together, resets included.",
        epilog="example: muse envs expert push-t --episodes 50 --video push_t.mp4",
        allow_abbrev=False,
    )
    add_env(parser, required=False)
    parser.add_argument(
        "--all", action="store_true", help="every environment that is installed and has an expert"
    )
    add_policy(parser)
    parser.add_argument("--episodes", type=positive_int, default=50, help="(50)")
    add_seed(parser)
    parser.add_argument("--workers", type=natural, help="processes, 0: only this one (one a core)")
    add_presets(parser)
    parser.add_argument(
        "--video",
        type=Path,
        metavar="FILE",
        help=f"film the first {_FILMED} episodes: .mp4 or .gif",
    )
    parser.add_argument("--fps", type=positive_float, default=10.0, help="of the video (10)")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.all == (arguments.env is not None):
        raise UsageError("give the name of an environment, or --all; see muse envs list")
    if arguments.all:
        return _run_all(arguments)
    if arguments.video is not None:
        refuse_unwritable(arguments.video)
    trial = _tried(chosen(arguments), arguments)
    if arguments.json:
        print(json.dumps(trial.as_dict(), indent=2))
    else:
        console.table(f"{trial.policy} in {trial.name}", _COLUMNS, [_row(trial)])
    if trial.summary.failures:
        console.warn(f"{trial.summary.failures} episodes were ended by a broken simulator")
    if arguments.video is not None:
        frames = [frame for episode in trial.episodes for frame in episode.frames]
        write_video(arguments.video, frames, arguments.fps)
        console.info(f"wrote {arguments.video}")
    return 0


def _run_all(arguments: argparse.Namespace) -> int:
    """Try one after the other; a failure of one does not keep the others from being tried."""
    if arguments.overrides or arguments.preset or arguments.video is not None:
        raise UsageError("--all takes no parameters, --preset or --video: name one environment")
    trials: list[Trial] = []
    failures: dict[str, str] = {}
    absent = [entry.name for entry in entries() if not is_installed(entry)]
    for entry in entries():
        skipped = entry.name in absent or entry.expert is None
        if skipped or (arguments.image and entry.image_params is None):
            continue
        try:
            trials.append(_tried(chosen_entry(entry, arguments.image), arguments))
        except MuseError as error:
            failures[entry.name] = message_line(error)
    if arguments.json:
        results = {"trials": [trial.as_dict() for trial in trials], "failures": failures}
        print(json.dumps({**results, "not_installed": absent}, indent=2))
    else:
        console.table("", _COLUMNS, [_row(trial) for trial in trials])
    if absent:
        console.info(f"not installed: {', '.join(absent)}; see muse envs list")
    for name, message in failures.items():
        console.warn(f"{name}: {message}")
    return 1 if failures else 0


def _tried(env: Chosen, arguments: argparse.Namespace) -> Trial:
    policy = env.policy(arguments.policy)
    seeds = range(arguments.seed, arguments.seed + arguments.episodes)
    wins: list[bool] = []
    with console.progress(len(seeds), env.name) as bar:

        def count(episode: Episode) -> None:
            wins.append(episode.success)
            bar.update(1, success=f"{100 * sum(wins) / len(wins):.0f}%")

        return run_trial(
            env,
            policy,
            seeds,
            arguments.workers,
            presets=presets_of(arguments.preset),
            frames=0 if arguments.video is None else _FILMED,
            on_episode=count,
        )


def _row(trial: Trial) -> tuple[Any, ...]:
    summary = trial.summary
    low, high = summary.interval
    return (
        trial.name,
        f"{summary.successes}/{summary.n}",
        f"{summary.rate:.2f}",
        f"{low:.2f}",
        f"{high:.2f}",
        f"{summary.mean_length:.0f}",
        f"{summary.mean_score:.3f}",
        f"{trial.steps / trial.seconds:,.0f}",
    )

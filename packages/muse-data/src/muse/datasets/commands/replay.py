"""`muse data replay`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from muse.cli import console
from muse.core import types
from muse.core.errors import UsageError
from muse.datasets.commands.arguments import (
    add_episodes,
    add_json,
    add_source,
    open_data,
    pairs,
)
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.tools.drift_plot import write_drift_plot
from muse.datasets.tools.replay import Drift, Replay, make_env


def add_parser(commands: Any) -> None:
    """Add `replay` to the sub-commands."""
    parser = commands.add_parser(
        "replay",
        help="play episodes back in an environment and measure the drift",
        description="Play episodes back in an environment, by their actions or state by state, "
        "and measure how far its observations drift from the recording.",
        epilog="example: muse data replay pusht/human --env muse.envs.pymunk.push_t_env.PushTEnv "
        "--state-preset state=agent_pos,block_pose",
    )
    add_source(parser)
    parser.add_argument("--env", metavar="PATH", help="import path of the class (of the data)")
    parser.add_argument(
        "--env-params", nargs="+", default=[], metavar="NAME=VALUE", help="its parameters"
    )
    parser.add_argument("--by", choices=("actions", "states"), default="actions", help="(actions)")
    parser.add_argument(
        "--state-preset",
        action="append",
        default=[],
        metavar="NAME=COLUMN,…",
        help="reset with this preset, taken from the first step of these columns (repeatable)",
    )
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help="with --by states: what restore_state gets as NAME (repeatable; same names)",
    )
    parser.add_argument(
        "--action",
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help="the column of an action, where the names differ (repeatable)",
    )
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="compare every Nth step (1)"
    )
    parser.add_argument(
        "--clip", action="store_true", help="bring actions within the environment's limits"
    )
    add_episodes(parser, "episodes to replay")
    parser.add_argument("--plot", metavar="OUT.svg", help="draw the drift curves")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.plot and Path(arguments.plot).suffix != ".svg":
        raise UsageError(f"--plot {arguments.plot}: expected a name that ends in .svg")
    if arguments.every < 1:
        raise UsageError(f"--every {arguments.every}: expected 1 or more")
    with open_data(arguments) as source, _make(source, arguments) as env:
        replay = Replay(
            source,
            env,
            _presets(source, env, arguments.state_preset),
            _states(source, env, arguments) if arguments.by == "states" else None,
            pairs(arguments.action, "--action", "NAME=COLUMN"),
            arguments.every,
            arguments.clip,
        )
        play = replay.by_states if arguments.by == "states" else replay.by_actions
        episodes = console.progress(range(len(source.lengths)), "replaying episodes")
        drifts = [play(i) for i in episodes]
        if not drifts:
            raise UsageError(f"{source.path} has no episodes to replay")
        title = f"{source.path} in {type(env).__name__}, by {arguments.by}"
    if arguments.json:
        print(json.dumps(_as_json(drifts), indent=2))
    else:
        _show(title, drifts)
    if arguments.plot:
        write_drift_plot(Path(arguments.plot), drifts)
        console.info(f"wrote {arguments.plot}")
    return 0


def _make(source: EpisodeSource, arguments: argparse.Namespace) -> Any:
    env = arguments.env or source.info.get("env")
    if not (isinstance(env, Mapping) and "cls" in env) and not (env and "." in str(env)):
        known = f"; the data were made in {env!r}, which is no import path" if env else ""
        raise UsageError(f"--env is missing: name the class of the environment{known}")
    given = pairs(arguments.env_params, "--env-params", "NAME=VALUE")
    return make_env(env, {name: types.parse(text, Any) for name, text in given.items()})


def _presets(source: EpisodeSource, env: Any, words: Sequence[str]) -> dict[str, list[str]]:
    """Return preset -> columns: as given, else the columns that are named like presets."""
    if words:
        given = pairs(words, "--state-preset", "NAME=COLUMN,… as in state=agent_pos,block_pose")
        return {name: columns.split(",") for name, columns in given.items()}
    there = {c.name for c in source.columns() if c.per == "step"}
    return {name: [name] for name in env.preset_names or () if name in there}


def _states(source: EpisodeSource, env: Any, arguments: argparse.Namespace) -> dict[str, str]:
    """Return saved-state name -> column; empty where presets do it instead."""
    given = pairs(arguments.state, "--state", "NAME=COLUMN")
    if not env.saves_state:
        if given or not arguments.state_preset:
            raise UsageError(
                f"{type(env).__name__} cannot restore states; set them with --state-preset, or "
                "replay --by actions"
            )
        return {}
    env.reset()
    names = list(env.save_state().leaf_keys())
    there = {c.name for c in source.columns() if c.per == "step"}
    states = {name: given.get(name, name) for name in names}
    missing = [name for name, column in states.items() if column not in there]
    if not missing:
        return states
    if arguments.state_preset and not given:
        return {}
    raise UsageError(
        f"{source.path} has no column for {', '.join(map(repr, missing))}, which the states of "
        f"{type(env).__name__} hold; name them with --state NAME=COLUMN, or set the state with "
        "--state-preset"
    )


def _show(title: str, drifts: Sequence[Drift]) -> None:
    names = list(drifts[0].distances)
    rows = [
        (
            drift.episode,
            f"{drift.replayed}/{drift.recorded}",
            "yes" if drift.success else "no",
            drift.score,
            *(
                float(number)
                for name in names
                for number in (drift.distances[name].mean(), drift.distances[name][-1])
            ),
        )
        for drift in drifts
    ]
    headings = [f"{name} {what}" for name in names for what in ("mean", "last")]
    console.table(title, ("episode", "steps", "success", "score", *headings), rows)
    successes = sum(drift.success for drift in drifts)
    medians = ", ".join(
        f"{name} {np.median([drift.distances[name].max() for drift in drifts]):.3g}"
        for name in names
    )
    console.info(f"{successes} of {len(drifts)} successes; median of the largest drift: {medians}")


def _as_json(drifts: Sequence[Drift]) -> list[dict[str, Any]]:
    return [
        {
            "episode": drift.episode,
            "recorded": drift.recorded,
            "replayed": drift.replayed,
            "success": drift.success,
            "score": drift.score,
            "steps": drift.steps.tolist(),
            "drift": {name: values.tolist() for name, values in drift.distances.items()},
        }
        for drift in drifts
    ]

"""`muse data relabel`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from muse.cli import console
from muse.cli.parser import CommandParser
from muse.core import types
from muse.core.attrdict import AttrDict
from muse.core.errors import UsageError, suggest
from muse.core.params import import_object
from muse.datasets.commands.arguments import add_source, add_target, open_data, pairs, write_data
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.views import ComputedView
from muse.datasets.tools.relabel.blocks import Block
from muse.datasets.tools.relabel.click_labels import ClickLabels
from muse.datasets.tools.relabel.clicks import velocity_clicks
from muse.datasets.tools.relabel.label_window import HELP, LabelWindow
from muse.datasets.tools.relabel.mode_relabelling import Dynamics, ModeRelabelling

_CLICKS = "click_state"


def add_parser(commands: Any) -> None:
    """Add `relabel` and its three ways to the sub-commands."""
    parser = commands.add_parser(
        "relabel",
        help="label clicks by speed or by hand, and actions by mode",
        description="Label waypoints and dense periods as clicks, by a rule or by hand, and make "
        "modes and actions from them.",
    )
    ways = parser.add_subparsers(
        dest="way", required=True, metavar="WAY", parser_class=CommandParser
    )
    _add_heuristic(ways)
    _add_clicks(ways)
    _add_by_mode(ways)


# -- heuristic -------------------------------------------------------------------------------


def _add_heuristic(ways: Any) -> None:
    parser = ways.add_parser(
        "heuristic",
        help="click where the robot is slow, and every so many steps",
        description="Click every step of periods in which all velocities are small, and a single "
        "step every so often elsewhere.",
    )
    add_source(parser)
    parser.add_argument(
        "--velocity-keys", nargs="+", required=True, metavar="NAME", help="velocity columns"
    )
    parser.add_argument(
        "--velocity-thresh",
        nargs="+",
        type=float,
        default=[0.12, 0.22],
        metavar="X",
        help="the norm below which each of them is small (0.12 0.22)",
    )
    parser.add_argument("--min-dense-len", type=int, default=5, help="shortest slow period (5)")
    parser.add_argument("--wp-horizon", type=int, default=20, help="steps between clicks (20)")
    parser.add_argument("--click-key", default=_CLICKS, help=f"column to write ({_CLICKS})")
    add_target(parser)
    parser.set_defaults(run=_run_heuristic)


def _run_heuristic(arguments: argparse.Namespace) -> int:
    keys, limits = arguments.velocity_keys, arguments.velocity_thresh
    if len(keys) != len(limits):
        raise UsageError(
            f"--velocity-keys names {len(keys)} columns, --velocity-thresh has {len(limits)} "
            "numbers; expected as many"
        )
    if arguments.wp_horizon < 2 or arguments.min_dense_len < 1:
        raise UsageError("expected --wp-horizon of 2 or more and --min-dense-len of 1 or more")
    with open_data(arguments) as source:
        blocks = [Block(source, [key], "--velocity-keys") for key in keys]

        def clicks(episode: int) -> dict[str, Any]:
            speeds = [np.linalg.norm(block.read(episode), axis=1) for block in blocks]
            found = velocity_clicks(speeds, limits, arguments.min_dense_len, arguments.wp_horizon)
            return {arguments.click_key: found[:, None]}

        column = Column(arguments.click_key, "velocities", (1,), np.dtype(np.uint8))
        write_data(ComputedView(source, [column], clicks), arguments.to, arguments)
    return 0


# -- clicks ----------------------------------------------------------------------------------


def _add_clicks(ways: Any) -> None:
    parser = ways.add_parser(
        "clicks",
        help="mark steps by hand, in a window",
        description=f"Mark steps by hand, in a window. Keys: {HELP}. Labels are saved as they are "
        "made and taken up again the next time.",
    )
    add_source(parser)
    parser.add_argument("--image-key", required=True, metavar="NAME", help="picture column to show")
    parser.add_argument("--click-key", default=_CLICKS, help=f"column of the labels ({_CLICKS})")
    parser.add_argument("--labels", metavar="FILE.npz", help="labels' file (DATA.clicks.npz)")
    parser.add_argument(
        "--start-ep", type=int, default=-1, metavar="I", help="first episode (the first unlabelled)"
    )
    parser.add_argument("--flip", action="store_true", help="turn the pictures upside down")
    add_target(parser)
    parser.set_defaults(run=_run_clicks)


def _run_clicks(arguments: argparse.Namespace) -> int:
    with open_data(arguments) as source:
        cameras = [c.name for c in source.columns() if c.is_image]
        if arguments.image_key not in cameras:
            raise UsageError(
                f"--image-key {arguments.image_key}: {source.path} has the pictures "
                f"{', '.join(cameras) or '(none)'}.{suggest(arguments.image_key, cameras)}"
            )
        path = Path(arguments.labels or f"{source.path.name.partition('.')[0]}.clicks.npz")
        labels = ClickLabels(source, arguments.click_key, path)
        first = labels.first_open() if arguments.start_ep < 0 else arguments.start_ep
        if first >= len(source.lengths):
            raise UsageError(f"--start-ep {first}: there are {len(source.lengths)} episodes")
        LabelWindow(source, arguments.image_key, labels, arguments.flip).run(first)
        count = len(source.lengths)
        console.info(f"{labels.count} of {count} episodes labelled, kept in {path}")
        if labels.count == count:
            write_data(labels.applied(source), arguments.to, arguments)
        else:
            console.info(f"run the same command again to go on; then {arguments.to} is written")
    return 0


# -- by mode ---------------------------------------------------------------------------------


def _add_by_mode(ways: Any) -> None:
    parser = ways.add_parser(
        "by-mode",
        help="make modes and their actions from clicks",
        description="Clicks in a row are dense periods (mode 1), single ones waypoints (mode 0). "
        "Sparse actions become the state at the next waypoint, dense ones what the dynamics do to "
        "get there. The old actions are kept below raw/. Episodes without clicks are left out. "
        "Names and dynamics not given come from the env spec of the data.",
    )
    add_source(parser)
    names = {
        "--state-names": "columns of the state waypoints are taken from",
        "--mode0-names": "columns of the sparse action",
        "--mode1-names": "columns of the dense action",
    }
    for option, help in names.items():
        parser.add_argument(option, nargs="+", metavar="NAME", help=help)
    parser.add_argument("--click-key", "--click-state-key", default=_CLICKS, help="clicks")
    parser.add_argument(
        "--dynamics",
        metavar="PATH",
        help="import path of (state, target) -> (action, next_state, reached), batched",
    )
    parser.add_argument(
        "--dynamics-params",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="--dynamics is a function that makes the dynamics from these",
    )
    flags = {
        "--populate-mode0-actions": "make sparse actions of dense steps from later states",
        "--populate-mode0-gripper": "add target/gripper, the last number of the dense action",
        "--relabel-states": "replace sparse stretches by what the dynamics imagine",
        "--no-change": "write modes, change no action",
        "--no-mode1-change": "do not change dense actions",
        "--use-dense-goal": "in dense periods too, aim at the end of the period",
    }
    for option, help in flags.items():
        parser.add_argument(option, action="store_true", help=help)
    counts = {
        "--mode0-action-skip": (1, "how many steps later --populate-mode0-actions looks (1)"),
        "--fill-n-mode0-action-dims": (0, "relabel so many first numbers of dense actions (all)"),
        "--n-intermediate-wp": (0, "further waypoints in each sparse stretch (0)"),
    }
    for option, (default, help) in counts.items():
        parser.add_argument(option, type=int, default=default, metavar="N", help=help)
    add_target(parser)
    parser.set_defaults(run=_run_by_mode)


def _run_by_mode(arguments: argparse.Namespace) -> int:
    if arguments.no_change and arguments.no_mode1_change:
        raise UsageError("--no-change and --no-mode1-change exclude each other; choose one")
    with open_data(arguments) as source:
        relabelled, skipped = _relabelling(source, arguments).apply(source)
        if skipped:
            which = ", ".join(map(str, skipped))
            console.warn(f"left out {len(skipped)} episodes without clicks: {which}")
        write_data(relabelled, arguments.to, arguments)
    return 0


def _relabelling(source: EpisodeSource, arguments: argparse.Namespace) -> ModeRelabelling:
    spec = source.spec_params() or AttrDict()

    def names(option: str, key: str) -> tuple[str, ...]:
        given = getattr(arguments, option) or spec.get(key)
        if not given:
            flag = "--" + option.replace("_", "-")
            raise UsageError(f"{flag} is missing: the env spec of {source.path} has no {key}")
        return tuple(given)

    changes_dense = not (arguments.no_change or arguments.no_mode1_change)
    return ModeRelabelling(
        state_names=names("state_names", "dynamics_state_names"),
        mode0_names=names("mode0_names", "mode0_action_names"),
        mode1_names=names("mode1_names", "mode1_action_names"),
        click_key=arguments.click_key,
        dynamics=_dynamics(arguments, spec) if changes_dense else None,
        populate_mode0=arguments.populate_mode0_actions,
        mode0_skip=arguments.mode0_action_skip,
        populate_gripper=arguments.populate_mode0_gripper,
        relabel_actions=not arguments.no_change,
        use_dense_goal=arguments.use_dense_goal,
        keep_from=arguments.fill_n_mode0_action_dims,
        between=arguments.n_intermediate_wp,
        relabel_states=arguments.relabel_states,
    )


def _dynamics(arguments: argparse.Namespace, spec: AttrDict) -> Dynamics:
    target = arguments.dynamics or spec.get("wp_dynamics_fn")
    if target is None:
        raise UsageError(
            "--dynamics is missing: name the function that leads to a waypoint, or keep dense "
            "actions with --no-mode1-change"
        )
    found: Any = import_object(target) if isinstance(target, str) else target
    if arguments.dynamics_params:
        given = pairs(arguments.dynamics_params, "--dynamics-params", "NAME=VALUE")
        found = found(**{name: types.parse(text, Any) for name, text in given.items()})
    dynamics: Dynamics = found
    return dynamics

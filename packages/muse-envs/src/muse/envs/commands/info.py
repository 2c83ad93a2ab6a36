"""`muse envs info`."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from muse.cli import console
from muse.core import types
from muse.core.errors import EnvError, MissingExtraError
from muse.core.params import BOOKKEEPING_KEYS, imported
from muse.core.spec import EnvSpec
from muse.envs.commands.arguments import add_env
from muse.envs.commands.chosen import Chosen, chosen
from muse.envs.env import Env

#: Group of the spec -> how the table calls it.
_GROUPS = {
    "observation_names": "observation",
    "goal_names": "goal",
    "action_names": "action",
    "output_observation_names": "output",
    "output_goal_names": "output goal",
    "param_names": "once, at the start",
    "final_names": "once, at the end",
}


def add_parser(commands: Any) -> None:
    """Add `info` to the sub-commands."""
    parser = commands.add_parser(
        "info",
        help="show the spec, parameters, presets and keys of an environment",
        description="Show what an environment gives and takes: names with shapes, types and "
        "limits, parameters, presets, when it counts as solved, and the keys that drive it.",
        epilog="example: muse envs info point-mass --num_obstacles 3",
        allow_abbrev=False,
    )
    add_env(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    env = chosen(arguments)
    cls = imported(env.group["cls"])
    console.table(env.name, ("", ""), list(_heading(env, cls)))
    _show_params(env, cls)
    try:
        made = env.make()
    except (MissingExtraError, EnvError) as error:  # the parameters are known all the same
        console.warn(f"spec, presets and keys are not known here: {error}")
        return 0
    with made:
        _show_spec(made.env_spec)
        console.table("\nmore", ("", ""), list(_abilities(made)))
        if made.teleop_keys:
            console.table("\nkeys of muse envs play", ("key", ""), list(made.teleop_keys.items()))
    return 0


def _heading(env: Chosen, cls: type[Env]) -> Iterator[tuple[str, str]]:
    yield "class", f"{cls.__module__}.{cls.__qualname__}"
    doc = inspect.getdoc(cls)
    if doc:
        yield "what it is", doc.splitlines()[0]
    entry = env.entry
    if entry is not None:
        yield "what is to be done", entry.summary
        yield "needs", f"pip install 'muse-envs[{entry.extra}]'" if entry.extra else "nothing more"
        yield "expert", entry.expert or "none"
        yield "images", "with --image" if entry.image_params is not None else "none"


def _show_params(env: Chosen, cls: type[Env]) -> None:
    params = {**cls.all_params(), **cls.extra_params(env.group)}
    rows = []
    for name, param in params.items():
        value = env.group.get(name, param.default)
        kind = types.type_name(param.type) + (f" [{param.unit}]" if param.unit else "")
        about = [param.help] if param.help else []
        if param.choices is not None:
            about.append(param.expected)
        if value != param.default:
            about.append(f"default {_short(param.default)}")
        rows.append((name, _short(value), kind, "; ".join(about)))
    rows += [
        (name, _short(value), "", "not declared by the class")
        for name, value in env.group.items()
        if name not in params and name not in BOOKKEEPING_KEYS
    ]
    console.table("\nparameters", ("name", "value", "type", ""), rows)


def _show_spec(spec: EnvSpec) -> None:
    rows = [
        (name, group, _shape(spec.shape(name)), spec.dtype(name), *map(_spread, spec.limits(name)))
        for names, group in _GROUPS.items()
        for name in getattr(spec, names)
    ]
    columns = ("name", "what", "shape", "dtype", "from", "to")
    console.table("\nspec (shapes without the batch in front)", columns, rows)


def _abilities(env: Env) -> Iterator[tuple[str, str]]:
    yield "solved when", env.success_rule
    names = env.preset_names
    yield "presets", "handed on unchecked" if names is None else ", ".join(names) or "none"
    yield "save and restore", "yes" if env.saves_state else "no"
    yield "teleoperation", "yes" if env.teleop_keys else "no"


def _spread(limit: np.ndarray) -> str:
    """Return a limit in words: one number where all are the same, else smallest and largest."""
    values = np.unique(np.asarray(limit, np.float64))
    if values.size > 1:
        return f"{values[0]:.4g} … {values[-1]:.4g}"
    return f"{values[0]:.4g}" if values.size else ""


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"

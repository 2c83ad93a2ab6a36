"""What a column is for, told by its name where nothing else tells it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from muse.core.attrdict import AttrDict
from muse.datasets.formats.source import Column, EpisodeSource

Role = Literal["observation", "action", "output", "param", "extra"]

OUTPUTS = ("reward", "success", "terminated", "truncated", "is_success")
#: Kept, but neither seen by a policy nor predicted: what replay and bookkeeping need.
_EXTRAS = ("states", "timestamp", "frame_index", "index", "task_index", "episode_index", "info")


def role_of(column: Column) -> Role:
    """Return what `column` is for, judged by its name and kind."""
    head = column.name.partition("/")[0]
    if column.dtype.kind not in "fiub" or head in _EXTRAS or head == "next":
        return "extra"
    if column.per == "episode":
        return "param"
    if head.startswith("action"):
        return "action" if head == "action" else "extra"
    return "output" if column.name in OUTPUTS else "observation"


def roles_of(source: EpisodeSource) -> dict[str, Role]:
    """Return name -> role of every column, by the spec of the source if it knows one."""
    params = source.spec_params()
    if params is None:
        return {c.name: role_of(c) for c in source.columns()}
    known: dict[str, Role] = {}
    groups: tuple[tuple[str, Role], ...] = (
        ("observation_names", "observation"), ("goal_names", "observation"),
        ("action_names", "action"), ("output_observation_names", "output"),
        ("output_goal_names", "output"), ("param_names", "param"), ("final_names", "param"),
    )  # fmt: skip
    for group, role in groups:
        known.update(dict.fromkeys(params.get(group, []), role))
    return {c.name: known.get(c.name, "extra") for c in source.columns()}


def default_spec(columns: Iterable[Column]) -> AttrDict:
    """Return the parameters of an env spec for `columns`; there are no limits but those of uint8.

    Columns of text are not in it.
    """
    columns = list(columns)
    named: dict[Role, list[str]] = {}
    for column in columns:
        named.setdefault(role_of(column), []).append(column.name)
    once = named.get("param", [])
    final = [name for name in once if name.startswith("final/")]
    return AttrDict(
        cls="muse.core.spec.ParamEnvSpec",
        names_shapes_limits_dtypes=[_row(c) for c in columns if c.dtype.kind in "fiub"],
        observation_names=named.get("observation", []),
        output_observation_names=named.get("output", []),
        action_names=named.get("action", []),
        param_names=[n for n in once if n not in final],
        final_names=final,
    )


def _row(column: Column) -> list[Any]:
    limits = [0, 255] if column.dtype == np.uint8 else ["-inf", "inf"]
    return [column.name, list(column.shape), limits, str(column.dtype)]

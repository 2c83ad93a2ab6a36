"""Writing D4RL's flat HDF5."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import h5py
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.d4rl_hdf5 import EITHER, STATED
from muse.datasets.formats.parts import Parts, joined
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.target import Advance, EpisodeTarget, entries
from muse.experiments.atomic import atomic_path

_ENDS = ("terminated", "truncated", "reward")


class D4rlTarget(EpisodeTarget):
    """observations, actions, rewards, terminals, timeouts and infos/*, a row a step."""

    summary: ClassVar[str] = "D4RL's flat HDF5"

    def write(
        self, source: EpisodeSource, path: Path, advance: Advance = lambda entries: None
    ) -> None:
        parts = Parts(source)
        observations = _numeric(parts.observations)
        if not observations:
            raise DataError(
                f"{source.path} has no observation of numbers, which D4RL's layout needs"
            )
        rows = int(source.lengths.sum())
        with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
            file.attrs[STATED] = EITHER
            begin = 0
            for i, length in enumerate(source.lengths.tolist()):
                terminated, truncated = parts.ends(i)
                values: dict[str, NDArray[Any]] = {
                    "observations": parts.flat(observations, i),
                    "actions": parts.flat(parts.actions, i),
                    "rewards": parts.reward(i),
                    "terminals": terminated,
                    "timeouts": truncated,
                }
                for column in _infos(parts):
                    key = "infos/" + column.name.removeprefix("info/")
                    values[key] = source.read(column.name, i)
                for key, value in values.items():
                    if i == 0:
                        file.create_dataset(key, (rows, *value.shape[1:]), value.dtype)
                    file[key][begin : begin + length] = value
                begin += length
                advance(entries(source, i))
            if len(observations) > 1:
                file.attrs["observation_names"] = [c.name for c in observations]

    def losses(self, source: EpisodeSource) -> list[str]:
        parts = Parts(source)
        numeric = _numeric(parts.observations)
        kept = {c.name for c in (*numeric, *parts.actions, *_infos(parts))} | set(_ENDS)
        lost = [c.name for c in source.columns() if c.name not in kept]
        return [
            *([f"the columns {', '.join(lost)}"] if lost else []),
            *joined(numeric, "observations"),
            *joined(parts.actions, "actions"),
            *([f"the subsets {', '.join(source.filters)}"] if source.filters else []),
        ]


def _numeric(columns: list[Column]) -> list[Column]:
    return [c for c in columns if not c.is_image and c.dtype.kind in "fiub"]


def _infos(parts: Parts) -> list[Column]:
    return [c for c in _numeric(parts.others) if c.name not in _ENDS]

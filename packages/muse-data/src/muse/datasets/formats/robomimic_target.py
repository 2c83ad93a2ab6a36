"""Writing robomimic's HDF5."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from muse.datasets.formats.demo_hdf5 import MODEL, ONCE
from muse.datasets.formats.parts import Parts, joined
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.target import Advance, EpisodeTarget, entries
from muse.experiments.atomic import atomic_path

#: robomimic's number for environments made by `gym.make`, and for robosuite's.
_GYM, _ROBOSUITE = 2, 1


class RobomimicTarget(EpisodeTarget):
    """`data/demo_<i>` with obs, next_obs, actions, rewards, dones, `mask/` and `env_args`."""

    summary: ClassVar[str] = "robomimic HDF5"

    def write(
        self, source: EpisodeSource, path: Path, advance: Advance = lambda entries: None
    ) -> None:
        parts = Parts(source)
        with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
            data = file.create_group("data")
            data.attrs["total"] = int(source.lengths.sum())
            data.attrs["env_args"] = json.dumps(_env_args(source))
            for i, length in enumerate(source.lengths.tolist()):
                demo = data.create_group(f"demo_{i}")
                demo.attrs["num_samples"] = length
                _write_demo(demo, parts, i)
                for column in parts.once:
                    _write_once(demo, column, source.read(column.name, i))
                advance(entries(source, i))
            for name, members in source.filters.items():
                demos = [f"demo_{i}".encode() for i in members]
                file.create_dataset(f"mask/{name}", data=np.array(demos, "S"))

    def losses(self, source: EpisodeSource) -> list[str]:
        parts = Parts(source)
        texts = [c.name for c in parts.others if c.dtype.kind == "U"]
        return [
            *parts.losses(),
            *joined(parts.actions, "actions"),
            *([f"text a step: {', '.join(texts)}"] if texts else []),
        ]


def _write_demo(demo: Any, parts: Parts, episode: int) -> None:
    for column in parts.observations:
        rows = parts.source.read(column.name, episode)
        name = column.name.replace("/", ".")  # robomimic cuts names at a second slash
        _write(demo, f"obs/{name}", rows, column.is_image)
        rows = parts.next(column.name, episode)
        _write(demo, f"next_obs/{name}", rows, column.is_image)
    dones = np.zeros(int(parts.source.lengths[episode]), np.int64)
    dones[-1] = 1
    _write(demo, "actions", parts.flat(parts.actions, episode))
    _write(demo, "rewards", parts.reward(episode))
    _write(demo, "dones", dones)
    for column in parts.others:
        if column.name != "reward" and column.dtype.kind != "U":
            _write(demo, column.name, parts.source.read(column.name, episode), column.is_image)


def _write(group: Any, key: str, rows: NDArray[Any], is_image: bool = False) -> None:
    if is_image:  # one picture a chunk: a sample reads few of them
        chunk = (1, *rows.shape[1:])
        group.create_dataset(key, data=rows, chunks=chunk, compression="gzip", compression_opts=1)
    else:
        group.create_dataset(key, data=rows)


def _write_once(demo: Any, column: Column, value: NDArray[Any]) -> None:
    if column.name == MODEL:
        demo.attrs["model_file"] = str(value)
    elif column.dtype.kind == "U":
        demo.attrs[column.name] = str(value)
    else:
        demo.create_dataset(f"{ONCE}/{column.name}", data=value)


def _env_args(source: EpisodeSource) -> dict[str, Any]:
    """Return what robomimic builds its environment from, as far as the source knows it."""
    info = source.info
    if isinstance(info.get("env_args"), dict):
        return dict(info["env_args"])
    settings = info.get("env_info")
    is_robosuite = isinstance(settings, dict) or "repository_version" in info
    return {
        "env_name": str(info.get("env") or "unknown"),
        "type": _ROBOSUITE if is_robosuite else _GYM,
        "env_kwargs": settings if isinstance(settings, dict) else {},
    }

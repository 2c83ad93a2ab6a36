"""Writing Minari data sets, without Minari."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from muse.core.errors import UsageError
from muse.datasets.formats.atomic_folder import atomic_folder
from muse.datasets.formats.parts import Parts
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.target import Advance, EpisodeTarget, entries

_VERSION = "0.5.4"  # the first that can keep pictures as they are
_ENDS = ("terminated", "truncated", "reward")


class MinariTarget(EpisodeTarget):
    """A folder `NAME-v0` with `data/main_data.hdf5`; pictures are kept without loss."""

    summary: ClassVar[str] = "Minari folders, HDF5"

    def write(
        self, source: EpisodeSource, path: Path, advance: Advance = lambda entries: None
    ) -> None:
        if not re.fullmatch(r"[A-Za-z][\w.-]*-v\d+", path.name):
            raise UsageError(
                f"{path.name!r} is no name for a Minari data set; expected one such as "
                f"'{re.sub('[^A-Za-z0-9-]+', '-', path.name).strip('-') or 'mine'}-v0'"
            )
        parts = Parts(source)
        with atomic_folder(path, "data/metadata.json") as folder:
            (folder / "data").mkdir()
            with h5py.File(folder / "data" / "main_data.hdf5", "w", track_order=True) as file:
                for i, length in enumerate(source.lengths.tolist()):
                    group = file.create_group(f"episode_{i}")
                    group.attrs["id"], group.attrs["total_steps"] = i, length
                    _write_episode(group, parts, i)
                    advance(entries(source, i))
            meta = _metadata(path.name, parts)
            text = json.dumps(meta, indent=2)
            (folder / "data" / "metadata.json").write_text(text, encoding="utf-8")

    def losses(self, source: EpisodeSource) -> list[str]:
        parts = Parts(source)
        kept = {c.name for c in (*parts.observations, *parts.actions, *_infos(parts))}
        kept |= {*_ENDS, *(c.name for c in parts.finals())}
        lost = [c.name for c in source.columns() if c.name not in kept]
        return [
            *parts.losses(),
            *([f"the columns {', '.join(lost)}"] if lost else []),
            *([f"the subsets {', '.join(source.filters)}"] if source.filters else []),
        ]


def _write_episode(group: Any, parts: Parts, episode: int) -> None:
    for key, columns in (("observations", parts.observations), ("actions", parts.actions)):
        for column in columns:
            rows = parts.source.read(column.name, episode)
            if key == "observations":
                rows = np.concatenate([rows, parts.beyond(column.name, episode)[None]])
            group.create_dataset("/".join([key, *_inside(column, columns)]), data=rows)
    terminated, truncated = parts.ends(episode)
    group.create_dataset("rewards", data=parts.reward(episode))
    group.create_dataset("terminations", data=terminated)
    group.create_dataset("truncations", data=truncated)
    for column in _infos(parts):
        key = "infos/" + column.name.removeprefix("info/")
        group.create_dataset(key, data=parts.source.read(column.name, episode))


def _infos(parts: Parts) -> list[Column]:
    return [c for c in parts.others if c.name not in _ENDS and c.dtype.kind in "fiub"]


def _inside(column: Column, columns: list[Column]) -> list[str]:
    """Return the keys of `column` within its space: none where it is the whole of it."""
    if len(columns) == 1:
        return []
    return column.name.removeprefix("obs/").removeprefix("action/").split("/")


def _metadata(name: str, parts: Parts) -> dict[str, Any]:
    lengths = parts.source.lengths
    return {
        "dataset_id": name,
        "data_format": "hdf5",
        "jpeg_encoding": False,
        "minari_version": _VERSION,
        "total_episodes": len(lengths),
        "total_steps": int(lengths.sum()),
        "observation_space": json.dumps(_space(parts.source, parts.observations)),
        "action_space": json.dumps(_space(parts.source, parts.actions)),
    }


def _space(source: EpisodeSource, columns: list[Column]) -> dict[str, Any]:
    """Return the description of the Gymnasium space of `columns`."""
    tree: dict[str, Any] = {}
    for column in columns:
        keys = _inside(column, columns)
        if not keys:
            return _box(source, column)
        here = tree
        for key in keys[:-1]:
            here = here.setdefault(key, {"type": "Dict", "subspaces": {}})["subspaces"]
        here[keys[-1]] = _box(source, column)
    return {"type": "Dict", "subspaces": tree}


def _box(source: EpisodeSource, column: Column) -> dict[str, Any]:
    low, high = _limits(source, column)
    return {
        "type": "Box",
        "dtype": str(column.dtype),
        "shape": list(column.shape),
        "low": np.broadcast_to(low, column.shape).tolist(),
        "high": np.broadcast_to(high, column.shape).tolist(),
    }


def _limits(source: EpisodeSource, column: Column) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the limits in the source's env spec, or all that the dtype can hold."""
    params = source.spec_params()
    rows = {row[0]: row for row in params.names_shapes_limits_dtypes} if params else {}
    if column.dtype.kind == "b":
        return np.asarray(0), np.asarray(1)
    if column.dtype.kind in "iu":
        limits = np.iinfo(column.dtype)
        return np.asarray(limits.min), np.asarray(limits.max)
    low, high = rows[column.name][2] if column.name in rows else (-np.inf, np.inf)
    return np.asarray(low, np.float64), np.asarray(high, np.float64)

"""Reading a folder that holds a folder of `.npy` files for each episode."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.columns import TIMESTEP
from muse.datasets.formats.array_source import FLAGS, RENAMED
from muse.datasets.formats.field_source import Field, FieldSource, field, single_precision
from muse.datasets.formats.npy_files import map_arrays


class EpisodeFolders(FieldSource):
    """One folder an episode, in the order of the numbers in their names, each `<key>.npy`.

    An array with as many rows as the episode's action (else, as most of its arrays) has a row a
    step; any other is one entry an episode.
    """

    summary: ClassVar[str] = "a folder of .npy files for each episode"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        folders = sorted(_episode_folders(path), key=_natural)
        self._episodes = [map_arrays(folder) for folder in folders]
        if not self._episodes:
            raise DataError(f"{path} holds no folders with .npy files; expected one an episode")
        self._lengths = np.array([_steps(a, path) for a in self._episodes], np.int64)
        first, steps = self._episodes[0], int(self._lengths[0])
        self._fields = {}
        for key, array in first.items():
            if key not in (*FLAGS, TIMESTEP):
                name, dtype = RENAMED.get(key, key), single_precision(array.dtype)
                is_step = array.shape[:1] == (steps,)
                shape = array.shape[1:] if is_step else array.shape
                per: Any = "step" if is_step else "episode"
                self._fields[name] = field(name, key, shape, dtype, per)

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return path.is_dir() and not any(path.glob("*.npy")) and bool(_episode_folders(path))

    def unplaced(self) -> list[str]:
        keys = {key for arrays in self._episodes for key in arrays}
        known = {f.key for f in self._fields.values()} | {*FLAGS, TIMESTEP}
        return [f"{key} (not in the first episode)" for key in sorted(keys - known)]

    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        if field.key not in self._episodes[episode]:
            raise DataError(
                f"{self.path}: episode {episode} has no {field.key}.npy, which the first one has; "
                f"add it, or leave the key out with --drop {field.column.name}"
            )
        return np.asarray(self._episodes[episode][field.key])

    def close(self) -> None:
        self._episodes.clear()


def _episode_folders(path: Path) -> list[Path]:
    return [p for p in path.iterdir() if p.is_dir() and any(p.glob("*.npy"))]


def _natural(path: Path) -> list[Any]:
    return [int(t) if t.isdigit() else t for t in re.split(r"(\d+)", path.name)]


def _steps(arrays: dict[str, NDArray[Any]], path: Path) -> int:
    leading = [a.shape[0] for a in arrays.values() if a.ndim]
    for key in ("action", "actions"):
        if key in arrays and arrays[key].ndim:
            leading = [arrays[key].shape[0]]
    if not leading or not max(leading):
        raise DataError(f"{path}: an episode has no rows; remove its folder")
    return max(leading, key=leading.count)

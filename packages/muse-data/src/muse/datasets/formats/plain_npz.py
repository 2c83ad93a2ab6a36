"""Reading `.npz` files with a row a step and a key that tells where episodes end."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.datasets.formats.array_source import ArraySource
from muse.datasets.formats.npz_reader import NpzReader


class PlainNpz(ArraySource):
    """`.npz` of anybody's: arrays with a row a step or an episode, float64 as float32.

    Args:
        path: the file.
        allow_legacy_pickle: also read object arrays of plain values.
    """

    summary: ClassVar[str] = "arrays with a row a step, and dones or episode_ends, in a .npz"

    def __init__(self, path: Path, allow_legacy_pickle: bool = False) -> None:
        self._reader = NpzReader(path, allow_legacy_pickle)
        self._kept: dict[str, NDArray[Any]] = {}
        super().__init__(path, self._shapes())

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return path.is_file() and path.suffix == ".npz"

    def load(self, key: str) -> NDArray[Any]:
        if key not in self._kept:
            self._kept[key] = self._reader.read(key)
        return self._kept[key]

    def close(self) -> None:
        self._reader.close()
        self._kept.clear()

    def _shapes(self) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
        shapes = {}
        for key in self._reader.keys:
            header = self._reader.header(key)
            described: Any = self.load(key) if header.dtype.hasobject else header
            shapes[key] = (described.shape, described.dtype)
        return shapes

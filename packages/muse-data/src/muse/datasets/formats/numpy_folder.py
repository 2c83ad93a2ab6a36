"""Reading a folder of `.npy` files, one a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from muse.datasets.formats.array_source import ArraySource
from muse.datasets.formats.npy_files import map_arrays


class NumpyFolder(ArraySource):
    """`<key>.npy` with a row a step or an episode, and `dones.npy` or `episode_ends.npy`.

    Files in folders below give nested keys; nothing is read before it is asked for.
    """

    summary: ClassVar[str] = "a folder of .npy files, one a key, with dones or episode_ends"

    def __init__(self, path: Path) -> None:
        self._arrays = map_arrays(path)
        super().__init__(path, {k: (a.shape, a.dtype) for k, a in self._arrays.items()})

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return path.is_dir() and any(path.glob("*.npy"))

    def load(self, key: str) -> NDArray[Any]:
        return self._arrays[key]

    def close(self) -> None:
        self._arrays.clear()

"""Reading Minari folders that keep their episodes in HDF5."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.hdf5_reader import Hdf5Reader
from muse.datasets.formats.image_bytes import decode_images, is_encoded
from muse.datasets.formats.minari_source import MinariSource, data_folder

_FILE = "main_data.hdf5"


class MinariHdf5(MinariSource):
    """`data/main_data.hdf5`, a group `episode_<i>` each."""

    summary: ClassVar[str] = "Minari folders, HDF5"

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return (data_folder(path) / _FILE).is_file()

    def close(self) -> None:
        self._reader.close()

    def _open(self) -> list[int]:
        self._reader = Hdf5Reader(self._folder / _FILE)
        self._groups = sorted(
            (n for n in self._reader.children() if re.fullmatch(r"episode_\d+", n)),
            key=lambda name: int(name.removeprefix("episode_")),
        )
        return [self._reader.shape(f"{group}/rewards")[0] for group in self._groups]

    def _keys(self) -> list[str]:
        return self._reader.arrays(self._groups[0])

    def _read(self, key: str, episode: int) -> NDArray[Any]:
        full = f"{self._groups[episode]}/{key}"
        values = self._reader.read(full)
        if not is_encoded(values):
            return np.atleast_1d(values)
        try:
            return decode_images([bytes(np.asarray(x, np.uint8)) for x in values])
        except ValueError as error:
            raise DataError(f"{self._folder / _FILE}: {full!r}: {error}; save it again") from error

"""Reading the Muse `.npz` key layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.columns import TIMESTEP
from muse.datasets.formats.field_source import Field, FieldSource
from muse.datasets.formats.npz_reader import NpzReader
from muse.datasets.storage.table import lengths_from_done

_DONE = "done"


class NpzSource(FieldSource):
    """Muse `.npz`: arrays with a row a step or an episode, episodes ended by `done`.

    A column that is read episode by episode is unpacked once and kept; `pieces` reads it in
    passing and keeps nothing.

    Args:
        path: the file.
        allow_legacy_pickle: also read object arrays of plain values, such as the `policy_name` of
            the original Muse; nothing that pickles could run is run.
    """

    summary: ClassVar[str] = "Muse .npz, episodes ended by done"

    def __init__(self, path: Path, allow_legacy_pickle: bool = False) -> None:
        super().__init__(path)
        self._reader = NpzReader(path, allow_legacy_pickle)
        self._kept: dict[str, NDArray[Any]] = {}
        done = self._reader.read(_DONE).reshape(-1).astype(np.bool_)
        if not len(done) or not done[-1]:
            raise DataError(
                f"{path}: {_DONE!r} does not end the file; expected its last entry to be True; set "
                "it, or cut off the unfinished episode"
            )
        self._lengths = lengths_from_done(done)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._unplaced = []
        self.keep(self._place(key) for key in self._reader.keys if key not in (_DONE, TIMESTEP))

    @classmethod
    def recognises(cls, path: Path) -> bool:
        if not path.is_file() or path.suffix != ".npz":
            return False
        with NpzReader(path) as reader:
            return _DONE in reader

    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        if field.key not in self._kept:
            self._kept[field.key] = self._reader.read(field.key)
        array = self._kept[field.key]
        if field.column.per == "episode":
            return np.asarray(array[episode])
        begin = int(self._starts[episode])
        return array[begin : begin + int(self._lengths[episode])]

    def pieces(self, name: str, episodes: Sequence[int] | None = None) -> Iterator[NDArray[Any]]:
        wanted = self._field(name)
        if episodes is not None or wanted.key in self._kept:
            return super().pieces(name, episodes)
        per_episode = wanted.column.per == "episode"
        sizes = np.ones_like(self._lengths) if per_episode else self._lengths
        return self._reader.pieces(wanted.key, sizes.tolist())

    def close(self) -> None:
        self._reader.close()
        self._kept.clear()

    def _place(self, key: str) -> Field | None:
        header = self._reader.header(key)
        shape, dtype = header.shape, header.dtype
        if dtype.hasobject:
            self._kept[key] = array = self._reader.read(key)
            shape, dtype = array.shape, array.dtype
        return self.by_rows(key, key, shape, dtype)

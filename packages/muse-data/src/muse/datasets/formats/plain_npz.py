"""Importer of `.npz` files with a row a step and a key that tells where episodes end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.columns import TIMESTEP
from muse.datasets.formats.importer import Column, Importer
from muse.datasets.formats.npz_reader import NpzReader
from muse.datasets.storage.table import lengths_from_done
from muse.datasets.storage.windows import Rows

_FLAGS = ("done", "dones")
_ENDS = ("episode_ends",)


class PlainNpz(Importer):
    """Copies every array with a row a step; float64 becomes float32."""

    summary: ClassVar[str] = "arrays with a row a step, and done, dones or episode_ends, in a .npz"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._reader = NpzReader(path)
        boundary = next((k for k in (*_FLAGS, *_ENDS) if k in self._reader), None)
        if boundary is None:
            raise DataError(
                f"{path} does not say where episodes end; expected a key {', '.join(_FLAGS)} or "
                f"{', '.join(_ENDS)}; it has: {', '.join(self._reader.keys)}"
            )
        self._boundary = boundary
        self._lengths = self._read_lengths()

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return path.is_file() and path.suffix == ".npz"

    @property
    def lengths(self) -> Rows:
        return self._lengths

    def columns(self) -> list[Column]:
        return [self._column(key) for key in self._reader.keys if self._is_step_key(key)]

    def unplaced(self) -> list[str]:
        skipped = {self._boundary, TIMESTEP}
        keys = self._reader.keys
        return [k for k in keys if k not in skipped and not self._is_step_key(k)]

    def _is_step_key(self, key: str) -> bool:
        if key in (self._boundary, TIMESTEP):
            return False
        shape = self._reader.header(key).shape
        return bool(shape) and shape[0] == int(self._lengths.sum())

    def _column(self, key: str) -> Column:
        header = self._reader.header(key)
        dtype = np.dtype(np.float32) if header.dtype == np.float64 else header.dtype

        def pieces() -> Iterator[NDArray[Any]]:
            yield self._reader.read(key).astype(dtype, copy=False)

        return Column(key, key, header.shape, dtype, pieces)

    def _read_lengths(self) -> Rows:
        values = self._reader.read(self._boundary).reshape(-1)
        if self._boundary in _ENDS:
            lengths: Rows = np.diff(values.astype(np.int64), prepend=0).astype(np.int64)
            if not len(lengths) or (lengths <= 0).any():
                raise DataError(f"{self.path}: {self._boundary!r} does not grow; mend it")
            return lengths
        done = values.astype(np.bool_)
        if not len(done) or not done[-1]:
            raise DataError(
                f"{self.path}: {self._boundary!r} does not end the file; set its last entry True "
                "or cut off the unfinished episode"
            )
        return lengths_from_done(done)

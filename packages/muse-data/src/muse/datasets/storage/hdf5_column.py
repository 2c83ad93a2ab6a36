"""`Hdf5Column`: one name over all episodes of an HDF5 file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.storage.hdf5_file import Hdf5File
from muse.datasets.storage.windows import Rows

_PLAIN = "fiub"


class Hdf5Column:
    """Rows of one array an episode.

    Arrays that lie in the file as they are (neither chunked nor compressed) are read straight from
    the mapped file, many rows in one copy; others through HDF5, run by run.

    Args:
        file: the file.
        name: what messages call it.
        paths: its array in each episode.
        lengths: steps of each episode, (E,).

    Raises:
        DataError: the arrays differ in shape or dtype, or in length from their episode.
    """

    def __init__(self, file: Hdf5File, name: str, paths: Sequence[str], lengths: Rows) -> None:
        self._file, self._paths = file, paths
        self.dtype: np.dtype = file.reader.dtype(paths[0])
        self.shape: tuple[int, ...] = file.reader.shape(paths[0])[1:]
        self._row_bytes = int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize
        offsets = [self._checked(name, p, n) for p, n in zip(paths, lengths.tolist(), strict=True)]
        whole = None not in offsets and self._row_bytes > 0
        self._offsets = np.array(offsets, np.int64) if whole else None

    @property
    def is_mapped(self) -> bool:
        """Whether it is read without HDF5's help."""
        return self._offsets is not None

    def read(self, episode: int, begin: int, end: int) -> NDArray:
        """Return steps `begin` to `end` of an episode, (n, …)."""
        if self._offsets is None:
            return self._file.reader.read(self._paths[episode], begin, end)
        starts = np.array([self._offsets[episode] + begin * self._row_bytes])
        return self._bytes(starts, end - begin).reshape(end - begin, *self.shape)

    def windows(self, episodes: Rows, rows: Rows) -> NDArray:
        """Return steps `rows` (B, H), growing along H, of `episodes` (B,), (B, H, …)."""
        batch, horizon = rows.shape
        full = (batch, horizon, *self.shape)
        if self._offsets is not None:
            starts = self._offsets[episodes][:, None] + rows * self._row_bytes
            together = bool((rows[:, -1] - rows[:, 0] == horizon - 1).all())
            flat = self._bytes(starts[:, 0], horizon) if together else self._bytes(starts, 1)
            return flat.reshape(full)
        out = np.empty(full, self.dtype)
        for b in np.argsort(episodes, kind="stable"):
            first, last = int(rows[b, 0]), int(rows[b, -1])
            run = self._file.reader.read(self._paths[episodes[b]], first, last + 1)
            out[b] = run if len(run) == horizon else run[rows[b] - first]
        return out

    def _bytes(self, starts: Rows, count: int) -> NDArray:
        """Return `count` rows from each place in the file, (n, count * row)."""
        flat, size = self._file.mapped, count * self._row_bytes
        view = as_strided(flat, (len(flat) - size + 1, size), (1, 1), writeable=False)
        return view[starts].reshape(-1).view(self.dtype)

    def _checked(self, name: str, path: str, length: int) -> int | None:
        """Return where the array of an episode begins in the file; None where it is in pieces."""
        reader = self._file.reader
        dtype, shape = reader.dtype(path), reader.shape(path)
        where = f"{self._file.path}: {path} ({name!r})"
        if dtype.kind not in _PLAIN:
            raise DataError(f"{where} is {dtype}; expected numbers")
        if shape != (length, *self.shape) or dtype != self.dtype:
            raise DataError(
                f"{where} is {dtype} {shape}; expected {self.dtype} {(length, *self.shape)} as in "
                "the other episodes and names"
            )
        return reader.offset(path)

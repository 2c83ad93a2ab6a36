"""`RawRows`: the rows of a raw file, read without loading it."""

from __future__ import annotations

import mmap
import os
import stat
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.storage.windows import Rows
from muse.datasets.store.places import truncated

Bytes = NDArray[np.uint8]

_NARROW = 2048  # bytes; calling the kernel for each of many such rows would cost more than the copy
_FEW = 8


class RawRows:
    """Rows of equally many bytes.

    Narrow rows are best read through the memory map `mapped`. Wide ones, such as images, are
    copied by the kernel straight into the result: that is as fast, and leaves no trace in the
    resident memory of the process.

    Args:
        path: the file.
        rows: how many rows the store has of it.
        row_bytes: bytes of one.

    Raises:
        DataError: the file is missing or shorter than that.
    """

    def __init__(self, path: Path, rows: int, row_bytes: int) -> None:
        self.path, self.rows, self.row_bytes = path, rows, row_bytes
        try:
            # Not to wait for ever where someone put a pipe.
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error.strerror}); restore it") from error
        status = os.fstat(self._handle)
        if not stat.S_ISREG(status.st_mode):
            raise DataError(f"{path} is no file; expected an array file; restore it from a copy")
        if status.st_size < rows * row_bytes:
            raise truncated(path, rows * row_bytes)
        os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_RANDOM)
        self._map: mmap.mmap | None = None

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            os.close(self._handle)

    @cached_property
    def mapped(self) -> Bytes:
        """All rows as a memory map (N, R), made when first asked for."""
        size = self.rows * self.row_bytes
        if not size:
            return np.empty((0, self.row_bytes), np.uint8)
        self._map = mmap.mmap(self._handle, size, access=mmap.ACCESS_READ)
        self._map.madvise(mmap.MADV_RANDOM)  # else each window reads ahead what no one asked for
        return np.frombuffer(self._map, np.uint8).reshape(self.rows, self.row_bytes)

    def release(self) -> None:
        """Take the pages of the map out of this process; the system keeps them while it can."""
        if self._map is not None:
            self._map.madvise(mmap.MADV_DONTNEED)

    def read(self, begin: int, end: int) -> Bytes:
        """Return a copy of rows `begin` to `end`, (n, R)."""
        rows = np.empty((end - begin, self.row_bytes), np.uint8)
        self._fill(rows, begin)
        return rows

    def take(self, rows: Rows) -> Bytes:
        """Return a copy of `rows` (any shape), (…, R); rows that follow each other at once."""
        flat = rows.reshape(-1)
        if not len(flat):
            return np.empty((*rows.shape, self.row_bytes), np.uint8)
        begins = np.concatenate([[0], np.flatnonzero(np.diff(flat) != 1) + 1])
        if len(begins) > _FEW and self.row_bytes <= _NARROW:
            return self.mapped[rows]
        result = np.empty((len(flat), self.row_bytes), np.uint8)
        ends = [*begins[1:].tolist(), len(flat)]
        for begin, end, row in zip(begins.tolist(), ends, flat[begins].tolist(), strict=True):
            self._fill(result[begin:end], row)
        return result.reshape(*rows.shape, self.row_bytes)

    def _fill(self, target: NDArray[Any], row: int) -> None:
        view, position = target.reshape(-1).data, row * self.row_bytes
        while len(view):
            count = os.preadv(self._handle, [view], position)
            if not count:
                raise truncated(self.path, position + len(view))
            view, position = view[count:], position + count

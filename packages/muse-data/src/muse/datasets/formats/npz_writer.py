"""Writing `.npz` files piece by piece and atomically."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from muse.core.errors import DataError
from muse.experiments import atomic

_EPOCH = (1980, 1, 1, 0, 0, 0)  # same data, same bytes
_LEVEL = 4
_PIECE = 32 << 20


class NpzWriter:
    """Writes arrays to a `.npz` archive, one after the other, without holding them whole."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive

    def write(self, key: str, array: Any) -> None:
        """Write one array."""
        array = np.asarray(array)
        if array.dtype.hasobject:
            raise DataError(
                f"cannot save {key!r}: an object array needs pickling; expected numbers, booleans "
                "or strings"
            )
        if array.ndim == 0:
            self.write_pieces(key, array.dtype, (), [array.reshape(1)])
            return
        row = max(array.nbytes // max(len(array), 1), 1)
        step = max(_PIECE // row, 1)
        pieces = (array[i : i + step] for i in range(0, len(array), step))
        self.write_pieces(key, array.dtype, array.shape, pieces)

    def write_pieces(
        self,
        key: str,
        dtype: DTypeLike,
        shape: tuple[int, ...],
        pieces: Iterable[NDArray[Any]],
    ) -> None:
        """Write an array of `shape` that comes in `pieces` along its first axis."""
        info = zipfile.ZipInfo(key + ".npy", _EPOCH)
        info.compress_type = self._zip.compression
        info.external_attr = 0o600 << 16
        dtype = np.dtype(dtype)
        header = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        written = 0
        with self._zip.open(info, "w", force_zip64=True) as stream:
            npy.write_array_header_1_0(stream, header)
            for piece in pieces:
                block = np.ascontiguousarray(piece, dtype)
                stream.write(block.reshape(-1).view(np.uint8).data)
                written += len(block)
        if shape and written != shape[0]:
            raise ValueError(f"{key}: wrote {written} rows of {shape[0]}")


@contextmanager
def npz_writer(path: str | os.PathLike[str], compress: bool = True) -> Iterator[NpzWriter]:
    """Open `path` for writing; it appears, whole, when the context is left without an error.

    Raises:
        MuseError: the disk is full or the folder cannot be written.
    """
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with (
        atomic.atomic_path(path) as temporary,
        zipfile.ZipFile(temporary, "w", method, compresslevel=_LEVEL) as archive,
    ):
        yield NpzWriter(archive)

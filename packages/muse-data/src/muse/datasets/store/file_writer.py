"""`FileWriter`: appends episodes to one array file of a store."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from muse.datasets.store.column_file import ColumnFile
from muse.datasets.store.images import encode_jpeg, encode_video
from muse.datasets.store.places import beside, truncated

_BUFFER = 1 << 20


class FileWriter:
    """Writes behind the data that a manifest speaks of; what lies there already is overwritten.

    So nothing that a reader can see changes before the next manifest is in place.

    Args:
        folder: where the file lies.
        file: what it holds so far.
        rows: how many rows that is.
        entries: encoded images or pieces of video that is, 0 for raw files.
        episodes: in how many episodes.
    """

    def __init__(
        self, folder: Path, file: ColumnFile, rows: int, entries: int, episodes: int
    ) -> None:
        self._file = file
        self._data_bytes = file.data_bytes if file.is_encoded else rows * file.row_bytes
        path = folder / file.file
        self._handles = {"data": _open_at(path, self._data_bytes)}
        self._handles["crc"] = _open_at(beside(path, ".crc"), 4 * episodes)
        if file.is_encoded:
            self._handles["ends"] = _open_at(beside(path, ".ends"), 8 * entries)

    def append(self, values: Mapping[str, NDArray[Any]], length: int) -> None:
        """Add the `length` rows of an episode, a checked array (n, …) for each column."""
        if self._file.is_encoded:
            crc = self._append_images(values[self._file.columns[0].name])
        else:
            crc = self._append_rows(values, length)
        self._handles["crc"].write(crc.to_bytes(4, "little"))

    def _append_rows(self, values: Mapping[str, NDArray[Any]], length: int) -> int:
        columns = self._file.columns
        if len(columns) == 1 and columns[0].nbytes == self._file.row_bytes:
            rows = np.ascontiguousarray(values[columns[0].name], columns[0].dtype)
        else:
            rows = np.zeros(length, self._file.record)
            for index, column in enumerate(columns):
                rows[f"f{index}"] = values[column.name]
        data = rows.reshape(-1).view(np.uint8).data
        self._handles["data"].write(data)
        return zlib.crc32(data)

    def _append_images(self, images: NDArray[np.uint8]) -> int:
        crc, step = 0, self._file.frames or 1
        for begin in range(0, len(images), step):
            piece = images[begin : begin + step]
            if self._file.codec == "video":
                data = encode_video(piece, self._file.quality)
            else:
                data = encode_jpeg(piece[0], self._file.quality)
            self._handles["data"].write(data)
            self._data_bytes += len(data)
            self._handles["ends"].write(self._data_bytes.to_bytes(8, "little"))
            crc = zlib.crc32(data, crc)
        return crc

    def sync(self) -> ColumnFile:
        """Force everything to the disk and return what the file holds now."""
        for handle in self._handles.values():
            handle.flush()
            os.fsync(handle.fileno())
        if not self._file.is_encoded:
            return self._file
        return replace(self._file, data_bytes=self._data_bytes)

    def close(self) -> None:
        """Close the files, whatever became of what was not synced."""
        for handle in self._handles.values():
            with suppress(OSError):  # a full disk: the buffer cannot be written, nor need it be
                handle.close()


def _open_at(path: Path, position: int) -> BinaryIO:
    """Open `path` for writing at `position`, and cut off what a crash may have left behind it."""
    handle = open(path, "r+b" if path.exists() else "w+b", buffering=_BUFFER)  # noqa: SIM115
    if os.fstat(handle.fileno()).st_size < position:
        handle.close()
        raise truncated(path, position)
    handle.truncate(position)
    handle.seek(position)
    return handle

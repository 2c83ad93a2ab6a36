"""`ColumnFile`: one array file of a store and the columns that lie in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import numpy as np

from muse.core.errors import DataError
from muse.datasets.formats.source import Column

Per = Literal["step", "episode"]
Codec = Literal["raw", "jpeg", "video"]
CODECS: tuple[Codec, ...] = ("raw", "jpeg", "video")

#: Columns of at most this many bytes a step lie side by side, so that a batch takes one copy.
SMALL_BYTES = 1024
#: Frames of one self-contained piece of video; a window costs at most two such pieces more.
VIDEO_FRAMES = 16
_ALIGN = 16
_KINDS = "biufcSU"


@dataclass(frozen=True)
class StoredColumn:
    """One key, and where an entry of it begins within a row of its file."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int = 0

    @property
    def nbytes(self) -> int:
        """Bytes of an entry."""
        return math.prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True)
class ColumnFile:
    """Rows of equally many bytes (`raw`), or encoded images with an index (`jpeg`, `video`).

    Beside the file `x` lie `x.crc`, a CRC-32 for each episode (uint32), and for encoded images
    `x.ends`, where each image, or each piece of `frames` frames, ends (int64).

    Args:
        file: its name in the store's folder of columns.
        per: whether there is a row for each step or one for each episode.
        codec: how rows are written.
        row_bytes: bytes of a row before encoding.
        columns: what lies in it.
        data_bytes: bytes of the encoded images so far; 0 for raw files, where it follows.
        frames: frames of a piece of video, 0 for others.
        quality: of encoded images, 1 to 95; 0 for raw files.
    """

    file: str
    per: Per
    codec: Codec
    row_bytes: int
    columns: tuple[StoredColumn, ...]
    data_bytes: int = 0
    frames: int = 0
    quality: int = 0

    @property
    def record(self) -> np.dtype[Any]:
        """One row of a raw file, with a field for each column."""
        return np.dtype(
            {
                "names": [f"f{i}" for i in range(len(self.columns))],
                "formats": [(c.dtype, c.shape) for c in self.columns],
                "offsets": [c.offset for c in self.columns],
                "itemsize": self.row_bytes,
            }
        )

    @property
    def is_encoded(self) -> bool:
        """Whether rows are encoded images."""
        return self.codec != "raw"


def lay_out(
    columns: Sequence[Column], codecs: dict[str, Codec], quality: int
) -> tuple[ColumnFile, ...]:
    """Return the files for `columns`: small raw ones of a kind together, each other one alone."""
    files = []
    for per in ("step", "episode"):
        chosen = [c for c in columns if c.per == per]
        small = [c for c in chosen if codecs.get(c.name, "raw") == "raw" and _is_small(c)]
        if small:
            files.append(_side_by_side(f"{per}s.records", small))
        for column in chosen:
            if column not in small:
                files.append(_alone(column, codecs.get(column.name, "raw"), quality))
    return tuple(files)


def stored_dtype(column: Column) -> np.dtype[Any]:
    """Return the little-endian dtype a column is stored in.

    Raises:
        DataError: its entries are no numbers, flags or strings of fixed length.
    """
    if column.dtype.kind not in _KINDS or not column.dtype.itemsize:
        raise DataError(
            f"a store cannot hold {column.name!r} of {column.dtype}; expected numbers, booleans or "
            "strings of fixed length; convert it or leave it out"
        )
    return column.dtype.newbyteorder("<")


def _is_small(column: Column) -> bool:
    return math.prod(column.shape) * column.dtype.itemsize <= SMALL_BYTES


def _side_by_side(file: str, columns: Sequence[Column]) -> ColumnFile:
    stored, end = [], 0
    for column in columns:
        dtype = stored_dtype(column)
        end = -(-end // dtype.alignment) * dtype.alignment
        stored.append(StoredColumn(column.name, dtype, column.shape, end))
        end += stored[-1].nbytes
    row_bytes = max(-(-end // _ALIGN), 1) * _ALIGN
    return ColumnFile(file, columns[0].per, "raw", row_bytes, tuple(stored))


def _alone(column: Column, codec: Codec, quality: int) -> ColumnFile:
    if codec != "raw" and not column.is_image:
        raise DataError(
            f"{column.name!r} has shape {column.shape} of {column.dtype}; codec {codec!r} is for "
            "uint8 images (H, W, 3) or (H, W, 1); store it raw"
        )
    if codec != "raw" and column.per == "episode":
        raise DataError(f"{column.name!r} is one image an episode; store it raw")
    stored = StoredColumn(column.name, stored_dtype(column), column.shape)
    name = f"{quote(column.name, safe='')}.{codec}"
    row_bytes = max(stored.nbytes, 1)
    if codec == "raw":
        return ColumnFile(name, column.per, codec, row_bytes, (stored,))
    frames = VIDEO_FRAMES if codec == "video" else 0
    return ColumnFile(name, column.per, codec, row_bytes, (stored,), 0, frames, quality)

"""`EncodedImages`: the images of a JPEG or video column, decoded as asked for."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.storage.windows import Rows
from muse.datasets.store.column_file import ColumnFile
from muse.datasets.store.image_cache import ImageCache
from muse.datasets.store.images import decode_jpeg, decode_video
from muse.datasets.store.places import beside, entries_in
from muse.datasets.store.raw_rows import RawRows


class EncodedImages:
    """Images numbered from 0 over all episodes.

    Args:
        path: the file.
        file: what it holds.
        ends: where each episode ends, (E,), in rows of this file.
        cache: where decoded images are kept.

    Raises:
        DataError: a file is missing or truncated.
    """

    def __init__(self, path: Path, file: ColumnFile, ends: Rows, cache: ImageCache) -> None:
        self._path, self._file, self._cache = path, file, cache
        self._shape = file.columns[0].shape
        self._ends = ends
        entries = int(self._first_piece[-1]) if file.frames else int(ends[-1]) if len(ends) else 0
        if file.frames and file.data_bytes < (int(ends[-1]) if len(ends) else 0):
            raise DataError(f"{path}: {ends[-1]} frames in {file.data_bytes} bytes; it is damaged")
        self._data = RawRows(path, file.data_bytes, 1)
        self._index = RawRows(beside(path, ".ends"), entries, 8)

    @cached_property
    def _first_piece(self) -> Rows:
        """Number of the first piece of video of each episode, (E + 1,)."""
        pieces = entries_in(self._file, np.diff(self._ends, prepend=0))
        return np.concatenate([[0], np.cumsum(pieces)]).astype(np.int64)

    def take(self, rows: Rows) -> NDArray[np.uint8]:
        """Return the images of `rows` (any shape), (…, H, W, C).

        Raises:
            DataError: the data of one are damaged.
        """
        flat = rows.reshape(-1)
        if len(flat) > 1:
            self.take(flat[:1])  # a lie about sizes is found out before much memory is taken
        images = np.empty((len(flat), *self._shape), np.uint8)
        if self._file.codec == "jpeg":
            for target, row in zip(images, flat.tolist(), strict=True):
                target[...] = self._cache.get((self._path, row), partial(self._jpeg, row))
        else:
            self._take_frames(images, flat)
        return images.reshape(*rows.shape, *self._shape)

    def _take_frames(self, images: NDArray[np.uint8], rows: Rows) -> None:
        episodes = self._ends.searchsorted(rows, side="right")
        begins = np.concatenate([[0], self._ends])[episodes]
        offsets = rows - begins
        pieces = self._first_piece[episodes] + offsets // self._file.frames
        for piece in np.unique(pieces).tolist():
            chosen = np.flatnonzero(pieces == piece)
            within = offsets[chosen] % self._file.frames
            first = offsets[chosen[0]] - within[0]
            left = int(self._ends[episodes[chosen[0]]] - begins[chosen[0]] - first)
            count = min(left, self._file.frames)
            frames = self._cache.get((self._path, piece), partial(self._video, piece, count))
            images[chosen] = frames[within]

    def _jpeg(self, row: int) -> NDArray[np.uint8]:
        return decode_jpeg(self.encoded(row), self._shape, f"{self._path}, image {row}")

    def _video(self, piece: int, count: int) -> NDArray[np.uint8]:
        where = f"{self._path}, piece {piece}"
        return decode_video(self.encoded(piece), count, self._shape, where)

    def encoded(self, entry: int) -> bytes:
        """Return the bytes of an image or a piece of video."""
        first = max(entry - 1, 0)
        ends = self._index.read(first, entry + 1).reshape(-1).view("<i8").tolist()
        begin, end = (0, ends[0]) if entry == 0 else ends
        limit = max(self._file.row_bytes * max(self._file.frames, 1) * 2, 1 << 16)
        if not 0 <= begin < end <= self._file.data_bytes or end - begin > limit:
            raise DataError(
                f"{beside(self._path, '.ends')} is damaged: entry {entry} reaches from {begin} to "
                f"{end} of {self._file.data_bytes} bytes; restore it from a copy"
            )
        return self._data.read(begin, end).tobytes()

    def episode_bytes(self, episode: int) -> list[bytes]:
        """Return the encoded entries of an episode, for checksums."""
        if self._file.frames:
            begin, end = self._first_piece[episode : episode + 2].tolist()
        else:
            begin = int(self._ends[episode - 1]) if episode else 0
            end = int(self._ends[episode])
        return [self.encoded(entry) for entry in range(begin, end)]

"""`Store`: episodes in a folder of array files, read as asked for."""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, suggest
from muse.datasets.formats.source import Column
from muse.datasets.storage.frozen import FrozenStore
from muse.datasets.storage.windows import Rows
from muse.datasets.store.column_file import ColumnFile, StoredColumn
from muse.datasets.store.encoded_images import EncodedImages
from muse.datasets.store.image_cache import ImageCache
from muse.datasets.store.manifest import Manifest
from muse.datasets.store.places import beside, read_ends
from muse.datasets.store.raw_rows import RawRows
from muse.datasets.store.recorded import RecordedEpisode, recorded_episodes

_DECODED_BYTES = 256 << 20
_MOST_MAPPED = 512 << 20


class Store:
    """A store as it was when it was opened; what is written to it later is not seen.

    Opening reads the manifest and the episodes' ends, nothing else. Episodes that a recorder
    finished but has not folded into the array files yet come last.

    Args:
        path: the folder.
        decoded_bytes: most bytes of decoded images that are kept.

    Raises:
        DataError: it is no store, damaged, truncated, or of an unknown schema version.
    """

    def __init__(self, path: str | os.PathLike[str], decoded_bytes: int = _DECODED_BYTES) -> None:
        self.path, self._decoded_bytes = Path(path), decoded_bytes
        self._cache = ImageCache(decoded_bytes)
        self._mapped_at_first = _mapped_bytes()
        self.manifest, self.recorded = self._consistent()
        #: Steps of each episode in the array files, (E,), without those just recorded.
        self.folded_ends: Rows = read_ends(self.path, self.manifest)
        self._folder = self.path / self.manifest.folder
        self._where = {c.name: (f, c) for f in self.manifest.files for c in f.columns}
        self._readers: dict[str, RawRows | EncodedImages] = {}
        for file in self.manifest.files:
            self.reader(file)
        recorded = np.array([e.length for e in self.recorded], np.int64)
        self.lengths: Rows = np.concatenate([np.diff(self.folded_ends, prepend=0), recorded])

    @classmethod
    def open(cls, path: str | os.PathLike[str], decoded_bytes: int = _DECODED_BYTES) -> Store:
        """Open the store at `path`."""
        return cls(path, decoded_bytes)

    def __reduce__(self) -> Any:
        """Another process opens the files for itself."""
        return type(self), (self.path, self._decoded_bytes)

    def _consistent(self) -> tuple[Manifest, list[RecordedEpisode]]:
        """Return the manifest and what was recorded besides, even while a recorder folds.

        Folded episodes are removed after the manifest speaks of them; so what was listed before
        the manifest was read, and is not in it, is there, unless a fold came in between.
        """
        while True:
            listed = recorded_episodes(self.path)
            manifest = Manifest.read(self.path)
            try:
                fresh = [RecordedEpisode(p, manifest) for n, p in listed if n >= manifest.episodes]
            except FileNotFoundError:
                if Manifest.read(self.path).episodes == manifest.episodes:
                    raise DataError(
                        f"{self.path}: a recorded episode lost its files; run: muse data recover "
                        f"{self.path}"
                    ) from None
                continue
            return manifest, fresh

    # -- what there is -----------------------------------------------------------------------

    def columns(self) -> list[Column]:
        """Return the columns, those of steps first."""
        return self.manifest.columns()

    def column(self, name: str) -> tuple[ColumnFile, StoredColumn]:
        """Return a column and the file it lies in."""
        if name not in self._where:
            raise DataError(
                f"{self.path} has no {name!r}; it has: {', '.join(self._where)}."
                f"{suggest(name, self._where)}"
            )
        return self._where[name]

    def reader(self, file: ColumnFile) -> RawRows | EncodedImages:
        """Return what reads one of the array files."""
        reader = self._readers.get(file.file)
        if reader is None:
            path = self._folder / file.file
            if file.is_encoded:
                reader = EncodedImages(path, file, self.folded_ends, self._cache)
            else:
                reader = RawRows(path, self.manifest.rows(file), file.row_bytes)
            self._readers[file.file] = reader
        return reader

    def filter(self, name: str) -> Rows:
        """Return the episodes of a named subset."""
        filters = self.manifest.filters
        if name not in filters:
            raise DataError(
                f"{self.path} has no filter {name!r}; it has: {', '.join(filters) or 'none'}."
                f"{suggest(name, filters)}"
            )
        parts = [np.arange(begin, end) for begin, end in filters[name]]
        return np.concatenate([*parts, np.empty(0)]).astype(np.int64)

    # -- reading -----------------------------------------------------------------------------

    def read(self, name: str, episode: int) -> NDArray[Any]:
        """Return a column over one episode: (L, …), or one entry (…) of an episode column.

        Raises:
            DataError: no such column or episode, or its data are damaged.
        """
        if not 0 <= episode < len(self.lengths):
            raise DataError(f"{self.path} has no episode {episode}; it has {len(self.lengths)}")
        file, column = self.column(name)
        folded = len(self.folded_ends)
        if episode >= folded:
            return self.recorded[episode - folded].read(name)
        if file.per == "episode":
            return self.rows(name, episode, episode + 1).reshape(column.shape)
        end = int(self.folded_ends[episode])
        return self.rows(name, end - int(self.lengths[episode]), end)

    def rows(self, name: str, begin: int, end: int) -> NDArray[Any]:
        """Return a copy of rows `begin` to `end` of a column in the array files, (n, …)."""
        file, column = self.column(name)
        reader = self.reader(file)
        if isinstance(reader, EncodedImages):
            return reader.take(np.arange(begin, end))
        return self.typed(column, reader.read(begin, end))

    def take(self, name: str, rows: Rows) -> NDArray[Any]:
        """Return a copy of `rows` (any shape) of a column in the array files, (*rows.shape, …)."""
        file, column = self.column(name)
        reader = self.reader(file)
        if isinstance(reader, EncodedImages):
            return reader.take(rows)
        return self.typed(column, reader.take(rows))

    @staticmethod
    def typed(column: StoredColumn, rows: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the entries (…, *shape) of a column in rows (…, R) of bytes."""
        entry = rows[..., column.offset : column.offset + column.nbytes]
        if not column.nbytes:
            return np.empty((*rows.shape[:-1], *column.shape), column.dtype)
        flat = np.ascontiguousarray(entry).view(column.dtype)
        return flat.reshape(*rows.shape[:-1], *column.shape)

    @cached_property
    def records(self) -> FrozenStore:
        """The small step columns, side by side in a memory map."""
        for file in self.manifest.files:
            reader = self.reader(file)
            if file.per == "step" and len(file.columns) > 1 and isinstance(reader, RawRows):
                rows = reader.mapped.view(file.record).reshape(reader.rows)
                return FrozenStore.over_records(rows, [c.name for c in file.columns])
        return FrozenStore({})

    def keep_resident_flat(self) -> None:
        """Hand mapped pages back once this process holds many; the system still caches them."""
        grown = _mapped_bytes() - self._mapped_at_first
        if grown > _MOST_MAPPED:
            for reader in self._readers.values():
                if isinstance(reader, RawRows):
                    reader.release()

    # -- checking ----------------------------------------------------------------------------

    def verify(
        self,
        episodes: Sequence[int] | None = None,
        advance: Callable[[int], None] = lambda episodes: None,
    ) -> None:
        """Compare what is on the disk with the checksums, episode by episode.

        Args:
            episodes: which, of those in the array files; None: all.
            advance: called with the number of episodes looked at since the last call.

        Raises:
            DataError: naming the first episode and file that do not match.
        """
        folded = len(self.folded_ends)
        chosen = range(folded) if episodes is None else [e for e in episodes if e < folded]
        sums = {f.file: self._sums(f) for f in self.manifest.files}
        for episode in chosen:
            for file in self.manifest.files:
                if self._checksum(file, episode) != int(sums[file.file][episode]):
                    raise DataError(
                        f"{self._folder / file.file} does not match its checksum in episode "
                        f"{episode}; restore the file from a copy, or leave this episode out"
                    )
            advance(1)

    def _sums(self, file: ColumnFile) -> NDArray[np.uint32]:
        sums = RawRows(beside(self._folder / file.file, ".crc"), len(self.folded_ends), 4)
        return sums.read(0, sums.rows).reshape(-1).view("<u4")

    def _checksum(self, file: ColumnFile, episode: int) -> int:
        reader = self.reader(file)
        if isinstance(reader, EncodedImages):
            crc = 0
            for data in reader.episode_bytes(episode):
                crc = zlib.crc32(data, crc)
            return crc
        if file.per == "episode":
            return zlib.crc32(reader.read(episode, episode + 1).data)
        crc, end = 0, int(self.folded_ends[episode])
        step = max((8 << 20) // file.row_bytes, 1)
        for begin in range(end - int(self.lengths[episode]), end, step):
            crc = zlib.crc32(reader.read(begin, min(begin + step, end)).data, crc)
        return crc


def _mapped_bytes() -> int:
    """Return the bytes of files that are mapped into this process and resident, 0 if unknown."""
    try:
        with open("/proc/self/statm", "rb") as handle:
            return int(handle.read().split()[2]) * mmap.PAGESIZE
    except (OSError, IndexError, ValueError):
        return 0

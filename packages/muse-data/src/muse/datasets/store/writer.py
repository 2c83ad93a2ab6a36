"""`StoreWriter`: writes a store as a whole, or appends whole episodes to one."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, UsageError, suggest
from muse.datasets.columns import Columns
from muse.datasets.formats.source import Column
from muse.datasets.store.column_file import CODECS, Codec, lay_out
from muse.datasets.store.file_writer import FileWriter
from muse.datasets.store.manifest import Manifest, as_ranges
from muse.datasets.store.places import (
    ENDS,
    entries_in,
    next_folder,
    read_ends,
    refuse_foreign_folder,
    refuse_recorded,
    remove_other_folders,
    store_lock,
)
from muse.experiments.atomic import explain_write_error, sync
from muse.experiments.run_lock import RunLock


class StoreWriter:
    """Takes in whole episodes; readers see them, all at once, when it is left without an error.

    A store that is there already stays as it is until then, and open readers keep what they see.
    Use it as a context manager. One writer a store: a second one is refused.

    Args:
        path: the folder to write.
        columns: what episodes consist of, beside `done` and the timestep, which are derived.
        spec: parameters of the env spec, with `cls`.
        info: what else is known, JSON-able.
        filters: named subsets of the episodes.
        codec: `raw`, `jpeg` or `video` for every image column, or a codec by name.
        quality: of encoded images, 1 to 95.

    Raises:
        DataError: a column cannot be stored, or the folder is something else.
        UsageError: another process writes to it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        columns: Sequence[Column],
        *,
        spec: Mapping[str, Any] | None = None,
        info: Mapping[str, Any] | None = None,
        filters: Mapping[str, Sequence[int]] | None = None,
        codec: str | Mapping[str, str] = "raw",
        quality: int = 90,
    ) -> None:
        self.path, self._filters = Path(path), dict(filters or {})
        files = lay_out(columns, _codecs(columns, codec), quality)
        refuse_foreign_folder(self.path)
        self._made = not self.path.exists()
        with self._explained():
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock: RunLock | None = store_lock(self.path).acquire()
            manifest = Manifest(next_folder(self.path), files, spec=spec, info=info or {})
            self._begin(manifest)

    @classmethod
    def append_to(cls, path: str | os.PathLike[str]) -> StoreWriter:
        """Return a writer that adds to the store at `path`; the caller holds its lock."""
        writer = cls.__new__(cls)
        writer.path, writer._filters, writer._made, writer._lock = Path(path), {}, False, None
        with writer._explained():
            writer._begin(Manifest.read(writer.path))
        return writer

    def _begin(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._committed = self._lock is None
        self._columns = manifest.columns()
        self._folder = self.path / manifest.folder
        self._new_ends: list[int] = []
        self._salvaged = list(manifest.salvaged)
        self._files: list[FileWriter] = []
        try:
            if self._lock is not None:
                refuse_recorded(self.path)
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / ENDS).touch()
            lengths = np.diff(read_ends(self.path, manifest), prepend=0)
            for file in manifest.files:
                entries = int(entries_in(file, lengths).sum()) if file.is_encoded else 0
                args = manifest.rows(file), entries, manifest.episodes
                self._files.append(FileWriter(self._folder, file, *args))
        except BaseException:
            self.close()
            raise

    @property
    def num_episodes(self) -> int:
        """Episodes so far, those there were before included."""
        return self.manifest.episodes + len(self._new_ends)

    def add_episode(self, episode: Mapping[str, Any], salvaged: bool = False) -> None:
        """Add one episode: step columns (L, …), episode columns (…).

        Args:
            episode: an array for each column; other names are left aside.
            salvaged: note in the manifest that a crash cut it short.

        Raises:
            DataError: a column is missing, or of another shape or kind.
        """
        values, length = self._checked(episode)
        with self._explained():
            for writer, file in zip(self._files, self.manifest.files, strict=True):
                writer.append(values, length if file.per == "step" else 1)
        if salvaged:
            self._salvaged.append(self.num_episodes)
        last = self._new_ends[-1] if self._new_ends else self.manifest.steps
        self._new_ends.append(last + length)

    def commit(self) -> None:
        """Make what was added part of the store."""
        ends = np.array(self._new_ends, "<i8").tobytes()
        old = self.manifest
        with self._explained():
            files = tuple(writer.sync() for writer in self._files)
            with open(self._folder / ENDS, "r+b") as handle:
                handle.truncate(8 * old.episodes)
                handle.seek(8 * old.episodes)
                handle.write(ends)
                handle.flush()
                os.fsync(handle.fileno())
            sync(self._folder)
            sync(self._folder.parent)
            new = old.grown(
                files=files,
                episodes=self.num_episodes,
                steps=self._new_ends[-1] if self._new_ends else old.steps,
                ends_crc32=zlib.crc32(ends, old.ends_crc32),
                filters={**old.filters, **self._ranges()},
                salvaged=tuple(self._salvaged),
            )
            new.write(self.path)
        self.manifest, self._new_ends, self._committed = new, [], True
        if self._lock is not None:
            remove_other_folders(self._folder)

    def close(self) -> None:
        """Free the files and the lock; what was not committed is gone."""
        for writer in self._files:
            writer.close()
        if self._lock is None:
            return
        if not self._committed:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()
        if self._made and not self._committed:
            shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> StoreWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            self.close()

    # -- inner -------------------------------------------------------------------------------

    def _checked(self, episode: Mapping[str, Any]) -> tuple[dict[str, NDArray[Any]], int]:
        where = f"{self.path}: episode {self.num_episodes}"
        values: dict[str, NDArray[Any]] = {}
        lengths = {}
        for column in self._columns:
            if column.name not in episode:
                near = suggest(column.name, episode)
                raise DataError(f"{where} lacks {column.name!r}.{near}")
            array = np.asarray(episode[column.name])
            array = array if column.per == "step" else array[None]
            if array.ndim == 0 or array.shape[1:] != column.shape:
                raise DataError(
                    f"{where}: {column.name!r} has shape {array.shape}, expected {column.shape} an "
                    "entry as in the store's manifest"
                )
            values[column.name] = Columns.cast(column.name, array, column.dtype, where)
            if column.per == "step":
                lengths[column.name] = len(array)
        if len(set(lengths.values())) != 1 or 0 in lengths.values():
            raise DataError(
                f"{where}: columns of {lengths} steps; expected equally many, one at least"
            )
        return values, next(iter(lengths.values()))

    def _ranges(self) -> dict[str, tuple[tuple[int, int], ...]]:
        ranges = {}
        for name, episodes in self._filters.items():
            outside = [i for i in episodes if not 0 <= i < self.num_episodes]
            if outside:
                raise DataError(
                    f"{self.path}: filter {name!r} names episode {outside[0]}; expected 0 to "
                    f"{self.num_episodes - 1}"
                )
            ranges[name] = as_ranges(episodes)
        return ranges

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say in one line when the disk is full or the folder forbidden."""
        try:
            yield
        except OSError as error:
            clear = explain_write_error(error, self.path)
            if clear is not None:
                raise clear from error
            raise


def _codecs(columns: Sequence[Column], codec: str | Mapping[str, str]) -> dict[str, Codec]:
    """Return name -> codec of the columns that are not to be stored raw."""
    if isinstance(codec, str):
        wanted = {c.name: codec for c in columns if c.is_image and c.per == "step"}
    else:
        wanted = dict(codec)
    for name, each in wanted.items():
        if each not in CODECS:
            raise UsageError(
                f"codec {each!r} for {name!r}; expected {', '.join(CODECS)}.{suggest(each, CODECS)}"
            )
    return {name: each for name, each in wanted.items() if each != "raw"}  # type: ignore[misc]

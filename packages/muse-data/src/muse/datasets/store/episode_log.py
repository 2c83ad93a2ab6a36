"""`EpisodeLog`: the steps of the episode being recorded, forced to the disk piece by piece."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.datasets.formats.source import Column
from muse.datasets.store.places import EPISODES
from muse.datasets.store.recorded import HEAD, LOG, episode_folder
from muse.datasets.store.segments import pack
from muse.experiments.atomic import explain_write_error, sync


class EpisodeLog:
    """Steps wait in memory until `sync` appends them, as one segment, to the log on the disk.

    While it is open the episode's folder is marked `.partial`; when it is whole its own manifest
    is written, and then the folder gets its final name in one step.

    Args:
        store: folder of the store.
        columns: its columns.
        number: of the next episode.
    """

    def __init__(self, store: Path, columns: Sequence[Column], number: int) -> None:
        self._store, self._columns, self.number = store, columns, number
        self._handle: int | None = None
        (store / EPISODES).mkdir(exist_ok=True)
        sync(store)
        self._start()

    def _start(self) -> None:
        self._waiting: list[Mapping[str, NDArray[Any]]] = []
        self._size = 0
        self._is_named = False  # whether the disk knows the log's name
        self.synced = self.open_steps = 0

    @property
    def unsynced(self) -> int:
        """Steps that a crash would lose now."""
        return self.open_steps - self.synced

    def append(self, steps: Mapping[str, NDArray[Any]]) -> None:
        """Add rows (n, …) to the open episode."""
        self._waiting.append(steps)
        self.open_steps += len(next(iter(steps.values())))

    def end_open(self, done_key: str) -> None:
        """Do nothing: where an episode ends is its length."""

    def sync(self, onetime: Mapping[str, NDArray[Any]]) -> None:
        """Force the waiting steps to the disk, with the episode's one-time values so far.

        Raises:
            MuseError: the disk is full; the steps go on waiting, and what is there stays sound.
        """
        self._write(onetime)
        if not self._is_named:
            folder = episode_folder(self._store, self.number, partial=True)
            sync(folder)
            sync(folder.parent)
            self._is_named = True

    def _write(self, onetime: Mapping[str, NDArray[Any]]) -> None:
        try:
            handle = self._opened()
            parts = pack(self._columns, self._joined(), onetime, self.synced)
            for part in parts:
                _write_all(handle, part)
            os.fsync(handle)
        except OSError as error:
            self._cut_off()
            clear = explain_write_error(error, self._store)
            if clear is not None:
                raise clear from error
            raise
        self._size += sum(len(part) for part in parts)
        self._waiting, self.synced = [], self.open_steps

    def finish(self, onetime: Mapping[str, NDArray[Any]]) -> None:
        """Make the open episode a finished one, on the disk when this returns."""
        self._write(onetime)
        self._close()
        seal(self._store, self.number, self.open_steps, salvaged=False)
        self.number += 1
        self._start()

    def clear(self) -> None:
        """Throw the open episode away."""
        self._close()
        shutil.rmtree(episode_folder(self._store, self.number, partial=True), ignore_errors=True)
        self._start()

    def close(self) -> None:
        """Close the log; what was synced stays, as a partial episode."""
        self._close()

    # -- inner -------------------------------------------------------------------------------

    def _opened(self) -> int:
        if self._handle is None:
            folder = episode_folder(self._store, self.number, partial=True)
            folder.mkdir(exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._handle = os.open(folder / LOG, flags, 0o666)
        return self._handle

    def _joined(self) -> dict[str, NDArray[Any]]:
        """Return the waiting steps as one array (n, …) a column."""
        if len(self._waiting) == 1:
            return dict(self._waiting[0])
        return {
            c.name: np.concatenate([steps[c.name] for steps in self._waiting])
            if self._waiting
            else np.empty((0, *c.shape), c.dtype)
            for c in self._columns
            if c.per == "step"
        }

    def _cut_off(self) -> None:
        """Remove a segment that was not written whole."""
        if self._handle is not None:
            with suppress(OSError):  # its checksum tells it is torn
                os.ftruncate(self._handle, self._size)

    def _close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def seal(store: Path, number: int, length: int, salvaged: bool) -> None:
    """Write the manifest of a partial episode whose log is whole, and give it its final name."""
    folder = episode_folder(store, number, partial=True)
    head = json.dumps({"length": length, "salvaged": salvaged}).encode()
    try:
        handle = os.open(folder / HEAD, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            _write_all(handle, head)
            os.fsync(handle)
        finally:
            os.close(handle)
        sync(folder)
        os.rename(folder, episode_folder(store, number))
        sync(store / EPISODES)
    except OSError as error:
        clear = explain_write_error(error, folder)
        if clear is not None:
            raise clear from error
        raise


def _write_all(handle: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while len(view):
        view = view[os.write(handle, view) :]

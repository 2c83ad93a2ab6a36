"""An HDF5 file of episodes: which there are, where their arrays lie, and how to read them."""

from __future__ import annotations

import mmap
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, suggest
from muse.datasets.formats.hdf5_reader import Hdf5Reader


class Hdf5File:
    """A file of groups of equally named arrays, one an episode, opened anew in each process.

    A handle that is open across a fork must not be used by the child; HDF5's own lock makes one
    safe between threads. What is pickled is the path alone.

    Args:
        path: the file.

    Raises:
        DataError: it is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._opened: tuple[int, Hdf5Reader] | None = None
        self._mapped: tuple[int, NDArray[np.uint8]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]

    @property
    def reader(self) -> Hdf5Reader:
        """The open file."""
        with self._lock:
            if self._opened is None or self._opened[0] != os.getpid():
                self._opened = (os.getpid(), Hdf5Reader(self.path))
            return self._opened[1]

    @property
    def mapped(self) -> NDArray[np.uint8]:
        """The bytes of the file (size,), read as they are touched."""
        with self._lock:
            if self._mapped is None or self._mapped[0] != os.getpid():
                with open(self.path, "rb") as file:
                    view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                self._mapped = (os.getpid(), np.frombuffer(view, np.uint8))
            return self._mapped[1]

    def close(self) -> None:
        """Close the file; it is opened again when read."""
        with self._lock:
            if self._opened is not None and self._opened[0] == os.getpid():
                self._opened[1].close()
            self._opened = self._mapped = None

    def episodes(self, prefix: str, ep_prefix: str, filter_key: str | None) -> list[str]:
        """Return the groups of the episodes, by their number.

        Args:
            prefix: the group that holds them.
            ep_prefix: what their names begin with, before a number.
            filter_key: only those that `mask/<filter_key>` lists; None: all.
        """
        reader = self.reader
        place = prefix.strip("/")
        if place not in reader and place:
            if any(not reader.children(key) for key in reader.children()):
                return [""]  # one episode, its arrays lying at the root
            raise DataError(
                f"{self.path} has no group {prefix!r}; it has: {', '.join(reader.children())}; set "
                "prefix"
            )
        there = reader.children(place)
        numbered = re.compile(re.escape(ep_prefix) + r"(\d+)$")
        found = {name: m for name in there if (m := numbered.match(name)) is not None}
        chosen = sorted(found, key=lambda name: int(found[name][1]))
        if not chosen:
            if any(not reader.children(f"{place}/{name}") for name in there):
                return [place]
            raise DataError(
                f"{self.path}: {prefix!r} has no groups named {ep_prefix}<number>; it has: "
                f"{', '.join(there[:8])}; set ep_prefix"
            )
        if filter_key is not None:
            wanted = self._filtered(filter_key, chosen)
            chosen = [name for name in chosen if name in wanted]
        return [f"{place}/{name}".strip("/") for name in chosen]

    def _filtered(self, key: str, names: Sequence[str]) -> set[str]:
        there = self.reader.children("mask") if "mask" in self.reader else []
        if key not in there:
            raise DataError(
                f"{self.path} has no filter {key!r}; it has: {', '.join(there) or 'none'}."
                f"{suggest(key, there)}"
            )
        listed = set(map(str, self.reader.read(f"mask/{key}").tolist()))
        if not listed & set(names):
            raise DataError(f"{self.path}: filter {key!r} lists none of the episodes")
        return listed

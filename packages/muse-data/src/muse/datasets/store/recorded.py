"""`RecordedEpisode`: an episode that was recorded and is not in the array files yet."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.store.manifest import Manifest
from muse.datasets.store.places import EPISODES
from muse.datasets.store.segments import read_payload, scan, unpack

LOG = "steps.log"
HEAD = "episode.json"
_NAME = re.compile(r"ep-(\d{6,15})(\.partial)?")


class RecordedEpisode:
    """A finished episode in a folder of its own: the log of its steps, and its manifest.

    Args:
        path: the folder.
        manifest: of the store it belongs to.

    Raises:
        FileNotFoundError: it was folded into the array files in the meantime.
        DataError: it is damaged.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self._columns = manifest.columns()
        self._handle = os.open(path / LOG, os.O_RDONLY | os.O_CLOEXEC)
        head = self._head()
        self.salvaged: bool = head.get("salvaged") is True
        self._segments, torn = scan(path / LOG, self._columns)
        self.length = sum(s.count for s in self._segments)
        if torn or not self.length or head.get("length") != self.length:
            raise self._damaged()

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            os.close(self._handle)

    def read(self, name: str) -> NDArray[Any]:
        """Return a column, (L, …), or the entry (…) of an episode column."""
        per_step = any(c.name == name and c.per == "step" for c in self._columns)
        segments = self._segments if per_step else self._segments[-1:]
        pieces = []
        for segment in segments:
            payload = read_payload(self._handle, segment)
            if payload is None:
                raise self._damaged()
            steps, onetime = unpack(payload, self._columns, segment.count)
            if per_step:
                pieces.append(steps[name])
            elif name in onetime:
                return onetime[name]
        if not per_step:  # a crash came before it was known
            column = next(c for c in self._columns if c.name == name)
            return np.zeros(column.shape, column.dtype)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def episode(self) -> dict[str, NDArray[Any]]:
        """Return every column: steps (L, …), episode columns (…)."""
        return {c.name: self.read(c.name) for c in self._columns}

    def _head(self) -> dict[str, Any]:
        try:
            head = json.loads((self.path / HEAD).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise self._damaged() from error
        if not isinstance(head, dict):
            raise self._damaged()
        return head

    def _damaged(self) -> DataError:
        return DataError(
            f"{self.path} is damaged, though it was finished; restore it from a copy, or move it "
            "out of the store"
        )


def recorded_episodes(store: Path, partial: bool = False) -> list[tuple[int, Path]]:
    """Return (number, folder) of the finished episodes in `episodes/`, or of the partial ones."""
    try:
        folders = list((store / EPISODES).iterdir())
    except FileNotFoundError:
        return []
    found = []
    for folder in folders:
        match = _NAME.fullmatch(folder.name)
        if match and bool(match[2]) == partial:
            found.append((int(match[1]), folder))
    return sorted(found)


def episode_folder(store: Path, number: int, partial: bool = False) -> Path:
    """Return the folder of a recorded episode."""
    return store / EPISODES / f"ep-{number:06d}{'.partial' if partial else ''}"

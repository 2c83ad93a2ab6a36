"""Click labels of a data set, kept in a file of their own while they are made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.npz_reader import NpzReader
from muse.datasets.formats.npz_writer import npz_writer
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.views import ComputedView
from muse.datasets.tools.relabel.clicks import Flags


class ClickLabels:
    """For every step whether it is clicked, and for every episode whether someone labelled it.

    Args:
        source: the data set; a column `key` in it gives the first labels.
        key: name of the column of clicks.
        path: the labels' file, read if it is there.

    Raises:
        DataError: the file belongs to other data, or is damaged.
    """

    def __init__(self, source: EpisodeSource, key: str, path: Path) -> None:
        self.path, self._key = path, key
        lengths = source.lengths
        self._ends = np.cumsum(lengths)
        self._clicks = np.zeros(int(lengths.sum()), np.bool_)
        self._labelled = np.zeros(len(lengths), np.bool_)
        if path.exists():
            self._read(lengths)
        elif key in {c.name for c in source.columns() if c.per == "step"}:
            given = [np.asarray(piece).reshape(len(piece), -1) for piece in source.pieces(key)]
            self._clicks[:] = np.concatenate(given)[:, 0] > 0
            self._labelled = np.array([bool(each.any()) for each in given])

    def of(self, episode: int) -> Flags:
        """Return the labels of an episode, (L,); writing to them changes them."""
        end = int(self._ends[episode])
        begin = int(self._ends[episode - 1]) if episode else 0
        return self._clicks[begin:end]

    def is_labelled(self, episode: int) -> bool:
        """Return whether someone went through the episode."""
        return bool(self._labelled[episode])

    def finish(self, episode: int) -> None:
        """Remember that someone went through the episode, and save."""
        self._labelled[episode] = True
        self.save()

    def first_open(self) -> int:
        """Return the first episode nobody went through; the last one when there is none."""
        left = np.flatnonzero(~self._labelled)
        return int(left[0]) if len(left) else len(self._labelled) - 1

    @property
    def count(self) -> int:
        """How many episodes are labelled."""
        return int(self._labelled.sum())

    def save(self) -> None:
        """Write the file, atomically."""
        with npz_writer(self.path) as writer:
            writer.write("clicks", self._clicks)
            writer.write("labelled", self._labelled)
            writer.write("lengths", np.diff(self._ends, prepend=0))

    def applied(self, source: EpisodeSource) -> EpisodeSource:
        """Return `source` with the labels as a column, (L, 1) uint8."""
        column = Column(self._key, "labelled", (1,), np.dtype(np.uint8))
        return ComputedView(source, [column], lambda i: {self._key: self.of(i)[:, None]})

    def _read(self, lengths: NDArray[np.int64]) -> None:
        with NpzReader(self.path) as reader:
            for name in ("clicks", "labelled", "lengths"):
                if name not in reader:
                    raise DataError(
                        f"{self.path} holds no click labels ({name!r} is missing); name another "
                        "file with --labels"
                    )
            if not np.array_equal(reader.read("lengths"), lengths):
                raise DataError(
                    f"{self.path} was made for other data: its episodes have other lengths; name "
                    "another file with --labels"
                )
            self._clicks = reader.read("clicks").astype(np.bool_)
            self._labelled = reader.read("labelled").astype(np.bool_)

"""A range of the episodes of a frozen store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.datasets.storage.frozen import FrozenStore, WindowCutter
from muse.datasets.storage.table import EpisodeTable
from muse.datasets.storage.windows import Mask, Rows, WindowIndex


class FrozenEpisodes:
    """Episodes `begin` to `end` of a table whose columns live in a store.

    Several of these may share one store: a training split and a held-out one use the same memory.

    Args:
        store: every column of the table.
        table: boundaries and one-time values of all episodes.
        begin: first episode.
        end: one past the last.
    """

    def __init__(self, store: FrozenStore, table: EpisodeTable, begin: int, end: int) -> None:
        self.store, self.table = store, table
        self.begin, self.end = begin, end
        self.starts: Rows = table.starts[begin:end]
        self.lengths: Rows = table.lengths[begin:end]
        self.version = 0
        self._cutters: dict[tuple[tuple[str, ...], int, int], WindowCutter] = {}

    @classmethod
    def from_table(cls, table: EpisodeTable, merge: Sequence[str]) -> FrozenEpisodes:
        """Take over a table's columns; those in `merge` are laid side by side."""
        store = FrozenStore(table.steps, merge)
        table.steps = store.columns
        return cls(store, table, 0, len(table.lengths))

    def select(self, begin: int, end: int) -> FrozenEpisodes:
        """Return episodes of the whole table that share this one's memory."""
        return FrozenEpisodes(self.store.share(), self.table, begin, end)

    @property
    def step_names(self) -> tuple[str, ...]:
        """Columns with one entry a step."""
        return tuple(self.store.columns)

    @property
    def rows(self) -> slice:
        """Rows of the store that these episodes cover."""
        if not len(self.starts):
            return slice(0, 0)
        return slice(int(self.starts[0]), int(self.starts[-1] + self.lengths[-1]))

    def cut(
        self, names: Sequence[str], index: WindowIndex, windows: Rows
    ) -> tuple[list[NDArray[Any]], Mask | None]:
        """Return for each name its windows (B, H, …), and the padding mask (B, H) if any can be."""
        cutter = self._cutter(names, index.horizon, index.skip)
        if index.can_pad:
            rows, padded, zeros = index.rows(windows)
            return cutter.rows(rows, zeros), padded
        return cutter.windows(index.starts.take(windows)), None

    def gather(
        self, names: Sequence[str], rows: Rows, zeros: Mask | None = None
    ) -> list[NDArray[Any]]:
        """Return for each name the rows (B, K), zero where `zeros` says so, (B, K, …)."""
        return self._cutter(names, rows.shape[1], 1).rows(rows, zeros)

    def take(self, name: str, rows: Rows) -> NDArray[Any]:
        """Return a copy of `rows` (any shape) of a column."""
        return self.store.columns[name][rows]

    def put(self, name: str, rows: Rows, values: NDArray[Any]) -> None:
        """Overwrite rows (n,) of a column."""
        self.store.columns[name][rows] = values

    def put_onetime(self, name: str, episodes: Rows, values: NDArray[Any]) -> None:
        """Overwrite the entries of some of these episodes, (n,)."""
        self.table.onetime[name][self.begin + episodes] = values

    def episode(self, name: str, index: int) -> NDArray[Any]:
        """Return a copy of a column over one episode, (L, …)."""
        begin = int(self.starts[index])
        return self.store.columns[name][begin : begin + int(self.lengths[index])].copy()

    def onetime(self, name: str) -> NDArray[Any]:
        """Return the entries of these episodes, (E, …)."""
        return self.table.onetime[name][self.begin : self.end]

    def chunks(self, name: str, most_bytes: int) -> Iterator[NDArray[Any]]:
        """Yield a column piece by piece, in order, as views."""
        column = self.store.columns[name][self.rows]
        step = max(most_bytes // max(column[:1].nbytes, 1), 1)
        for begin in range(0, len(column), step):
            yield column[begin : begin + step]

    def add_column(self, name: str, values: NDArray[Any]) -> None:
        """Add a column with one entry for each step of these episodes."""
        column = np.zeros((self.store.num_rows, *values.shape[1:]), values.dtype)
        column[self.rows] = values
        self.store.add(name, column)
        self._cutters.clear()

    def _cutter(self, names: Sequence[str], horizon: int, skip: int) -> WindowCutter:
        key = (tuple(names), horizon, skip)
        cutter = self._cutters.get(key)
        if cutter is None:
            cutter = self._cutters[key] = self.store.cutter(names, horizon, skip)
        return cutter

"""`StoreEpisodes`: chosen episodes of a store, as a dataset of windows reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.datasets.columns import TIMESTEP, Columns
from muse.datasets.storage.frozen import FrozenStore
from muse.datasets.storage.windows import Mask, Rows, WindowIndex
from muse.datasets.store.cutter import StoreCutter
from muse.datasets.store.store import Store

_LOOK_EVERY = 64  # batches between two looks at the resident memory
#: Small columns of at most this size are loaded with the first batch, which then takes one copy.
_LOADED_BYTES = 64 << 20


class StoreEpisodes:
    """Episodes `chosen` of the array files, their rows counted from 0 without gaps.

    `done` and the timestep follow from the episodes' ends. Several of these share one store: a
    training split and a held-out one use the same memory map.

    Args:
        store: where the columns are.
        chosen: numbers of the episodes, growing, (E,).
        columns: what the dataset makes of them.
        derived: one-time names that are no column -> the step name whose first value they are, or
            whose last, where they are final.
    """

    def __init__(
        self, store: Store, chosen: Rows, columns: Columns, derived: Mapping[str, str]
    ) -> None:
        self.store, self.chosen, self._columns, self._derived = store, chosen, columns, derived
        self.version = 0
        self.lengths: Rows = store.lengths[chosen]
        self.starts: Rows = np.cumsum(self.lengths) - self.lengths
        self._last: Rows = self.lengths - 1
        self._shifts: Rows = store.folded_ends[chosen] - self.lengths - self.starts
        self._added: dict[str, NDArray[Any]] = {}
        self._cutters: dict[tuple[tuple[str, ...], int, int], StoreCutter] = {}
        self._onetime: dict[str, NDArray[Any]] = {}
        self._cuts = 0

    def cut(
        self, names: Sequence[str], index: WindowIndex, windows: Rows
    ) -> tuple[list[NDArray[Any]], Mask | None]:
        """Return for each name its windows (B, H, …), and the padding mask (B, H) if any can be."""
        self._cuts += 1
        if self._cuts % _LOOK_EVERY == 0:
            self.store.keep_resident_flat()
        key = (tuple(names), index.horizon, index.skip)
        cutter = self._cutters.get(key)
        if cutter is None:
            cutter = self._cutters[key] = self._make_cutter(*key)
        if cutter.needs_no_episodes and not index.can_pad:
            return cutter.windows_from(index.starts[windows]), None
        numbers, starts = index.locate(windows)
        if not index.can_pad:
            return cutter.windows(numbers, starts), None
        rows, padded, zeros = index.rows(windows)
        return cutter.rows(numbers, rows, zeros), padded

    def _make_cutter(self, names: Sequence[str], horizon: int, skip: int) -> StoreCutter:
        if self._loaded is not None:
            return StoreCutter(self, self._loaded, True, names, horizon, skip)
        return StoreCutter(self, self.store.records, False, names, horizon, skip)

    @cached_property
    def _loaded(self) -> FrozenStore | None:
        """The small columns, the timestep and done side by side in memory, if they are few."""
        total = int(self.lengths.sum())
        names = [n for n in self.store.records.columns if n in self._columns.steps]
        if total * self.store.records.records.itemsize > _LOADED_BYTES:
            return None
        rows = np.arange(total)
        columns = {n: self.take(n, rows) for n in (*names, *self._columns.implicit)}
        return FrozenStore(columns, merge=list(columns))

    def take(self, name: str, rows: Rows) -> NDArray[Any]:
        """Return a copy of `rows` (any shape) of a column, (*rows.shape, …)."""
        return self.take_of(name, np.searchsorted(self.starts, rows, side="right") - 1, rows)

    def take_of(self, name: str, numbers: Rows, rows: Rows) -> NDArray[Any]:
        """Return a copy of `rows` of a column, whose episodes (broadcast to it) are known."""
        if name in self._added:
            return self._added[name][rows]
        if name in self._columns.implicit:
            steps = rows - self.starts.take(numbers)
            return steps if name == TIMESTEP else steps == self._last.take(numbers)
        return self.fit(name, self.store.take(name, self.stored_rows(numbers, rows)))

    def stored_rows(self, numbers: Rows, rows: Rows) -> Rows:
        """Return where in the array files rows of episodes lie."""
        return rows + self._shifts.take(numbers)

    def episode(self, name: str, index: int) -> NDArray[Any]:
        """Return a copy of a column over one episode, (L, …)."""
        begin = int(self.starts[index])
        return self.take(name, np.arange(begin, begin + int(self.lengths[index])))

    def chunks(self, name: str, most_bytes: int) -> Iterator[NDArray[Any]]:
        """Yield copies of a column piece by piece, in order."""
        row_bytes = self.store.column(name)[0].row_bytes if self.is_stored(name) else 8
        step, total = max(most_bytes // row_bytes, 1), int(self.lengths.sum())
        for begin in range(0, total, step):
            yield self.take(name, np.arange(begin, min(begin + step, total)))

    def onetime(self, name: str) -> NDArray[Any]:
        """Return the entries of these episodes, (E, …), read when first asked for."""
        if name not in self._onetime:
            self._onetime[name] = self._read_onetime(name)
        return self._onetime[name]

    def _read_onetime(self, name: str) -> NDArray[Any]:
        step_name = self._derived.get(name)
        if step_name is None:
            return self.fit(name, self.store.take(name, self.chosen))
        is_final = name in self._columns.final
        return self.take(step_name, self.starts + self._last if is_final else self.starts)

    def add_column(self, name: str, values: NDArray[Any]) -> None:
        """Add a column with one entry for each step of these episodes; it stays in memory."""
        self._added[name] = values
        self._cutters.clear()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what holds on to the memory map; a copy makes its own."""
        return {**vars(self), "_cutters": {}}

    # -- what the columns are ----------------------------------------------------------------

    def is_added(self, name: str) -> bool:
        """Whether a column was added in memory."""
        return name in self._added

    def is_stored(self, name: str) -> bool:
        """Whether a column lies in the array files, not in memory and not derived."""
        return name not in self._added and name not in self._columns.implicit

    def needs_fit(self, name: str) -> bool:
        """Whether the env spec wants a column in another shape or dtype than it is stored in."""
        column = self.store.column(name)[1]
        shape, dtype = self._columns.expected(name)
        return dtype is not None and (shape, dtype) != (column.shape, column.dtype)

    def fit(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        """Return entries (…, *stored shape) in the shape and dtype of the env spec."""
        shape, dtype = self._columns.expected(name)
        if shape is None or dtype is None:
            return values
        front = values.ndim - len(self.store.column(name)[1].shape)
        return values.astype(dtype, copy=False).reshape(*values.shape[:front], *shape)

"""Steps that no longer change, laid out so that a batch of windows costs few large copies."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from muse.datasets.storage.windows import Mask, Rows

#: Keys with at most this many bytes a step are worth merging; larger ones are one copy anyway.
MERGE_LIMIT = 2048
_ALIGN = 16
_LARGEST_ITEM = 1 << 31


class FrozenStore:
    """Columns of equally many rows.

    The columns named in `merge` (small ones only) lie side by side in one record a row, each in
    its own dtype, so that one gather of whole records brings all of them; a column is then a
    strided view of the records. Nothing is stored twice.

    Args:
        columns: name -> array (N, …).
        merge: names to lay side by side.
    """

    def __init__(self, columns: Mapping[str, NDArray[Any]], merge: Sequence[str] = ()) -> None:
        self.columns = {name: np.ascontiguousarray(column) for name, column in columns.items()}
        self.num_rows = len(next(iter(self.columns.values()))) if self.columns else 0
        small = [n for n in merge if _row_bytes(self.columns[n]) <= MERGE_LIMIT]
        self.merged: tuple[str, ...] = tuple(small) if len(small) > 1 else ()
        record = _record_dtype([self.columns[n] for n in self.merged])
        self._bytes = {n: _as_bytes(c) for n, c in self.columns.items() if n not in self.merged}
        self.records = np.zeros(self.num_rows if self.merged else 0, record)
        for index, name in enumerate(self.merged):
            self.records[f"f{index}"] = self.columns[name]
        self._view_records()

    @classmethod
    def over_records(cls, records: NDArray[Any], names: Sequence[str]) -> FrozenStore:
        """Return a store over records (N,) that lie elsewhere, such as in a mapped file.

        Args:
            records: with fields f0, f1, …
            names: of the columns that these are.
        """
        store = cls({})
        store.num_rows, store.records, store.merged = len(records), records, tuple(names)
        store._view_records()
        return store

    def _view_records(self) -> None:
        self.record_bytes = _as_bytes(self.records)
        for index, name in enumerate(self.merged):
            field = f"f{index}"
            begin = self.records.dtype.fields[field][1]  # type: ignore[index]
            self.columns[name] = self.records[field]
            self._bytes[name] = self.record_bytes[:, begin : begin + _row_bytes(self.columns[name])]

    def bytes_of(self, name: str) -> NDArray[np.uint8]:
        """Return a column as rows of bytes (N, R), without copying."""
        return self._bytes[name]

    def share(self) -> FrozenStore:
        """Return a store with the same memory, to which columns can be added on its own."""
        twin = copy.copy(self)
        twin.columns, twin._bytes = dict(self.columns), dict(self._bytes)
        return twin

    def add(self, name: str, column: NDArray[Any]) -> None:
        """Add a column (N, …)."""
        self.columns[name] = np.ascontiguousarray(column)
        self._bytes[name] = _as_bytes(self.columns[name])

    def cutter(self, names: Sequence[str], horizon: int, skip: int) -> WindowCutter:
        """Return what cuts windows of these columns."""
        return WindowCutter(self, names, horizon, skip)


class WindowCutter:
    """Cuts windows of some columns out of a `FrozenStore`.

    Args:
        store: where the columns are.
        names: the columns wanted, in order.
        horizon: steps in a window.
        skip: rows from one step to the next.
    """

    def __init__(self, store: FrozenStore, names: Sequence[str], horizon: int, skip: int) -> None:
        merged = [n for n in names if n in store.merged]
        as_records = len(merged) > 1
        self._horizon = horizon
        self._slots: list[tuple[int, str | None]] = []
        self._parts: list[_Part] = []
        if as_records:
            self._parts.append(_Part(store.record_bytes, store.records, horizon, skip))
        for name in names:
            if as_records and name in store.merged:
                self._slots.append((0, f"f{store.merged.index(name)}"))
            else:
                self._slots.append((len(self._parts), None))
                column = store.columns[name]
                self._parts.append(_Part(store.bytes_of(name), column, horizon, skip))

    def windows(self, starts: Rows) -> list[NDArray[Any]]:
        """Return for each name the whole windows that begin at `starts` (B,), (B, H, …)."""
        return self._split([part.windows(starts) for part in self._parts])

    def rows(self, rows: Rows, zeros: Mask | None = None) -> list[NDArray[Any]]:
        """Return for each name the rows (B, H), zero where `zeros` says so, (B, H, …)."""
        return self._split([part.rows(rows, zeros) for part in self._parts])

    def _split(self, parts: list[NDArray[Any]]) -> list[NDArray[Any]]:
        return [parts[i] if field is None else parts[i][field] for i, field in self._slots]


class _Part:
    """Rows of bytes (N, R) and what they mean; copying bytes is what numpy does fastest."""

    def __init__(
        self, flat: NDArray[np.uint8], like: NDArray[Any], horizon: int, skip: int
    ) -> None:
        self._flat, self._dtype = flat, like.dtype
        self._shape = (horizon, *like.shape[1:])
        self._scalar = like.ndim == 1
        self._horizon = horizon
        self._windows = self._view(skip)

    def _view(self, skip: int) -> NDArray[Any] | None:
        """All overlapping windows without copying: (N - span + 1,) items, or (…, H, R) bytes."""
        flat, horizon = self._flat, self._horizon
        count = len(flat) - (horizon - 1) * skip
        row, byte = flat.strides
        size = flat.shape[1]
        if count <= 0:
            return None
        run = horizon * size
        if skip == 1 and row == size and 0 < run < _LARGEST_ITEM:
            # A window is one run of bytes; as one item each it is copied fastest.
            first = flat.reshape(-1)[:run].view(np.dtype((np.void, run)))
            return as_strided(first, (count,), (row,), writeable=False)
        return as_strided(flat, (count, horizon, size), (row, skip * row, byte), writeable=False)

    def windows(self, starts: Rows) -> NDArray[Any]:
        if self._windows is None:
            raise IndexError("no window fits")
        taken = self._windows[starts]
        if taken.ndim == 1:
            return taken.view(self._dtype).reshape(len(starts), *self._shape)
        return self._typed(taken, len(starts))

    def rows(self, rows: Rows, zeros: Mask | None) -> NDArray[Any]:
        taken = self._flat[rows]
        if zeros is not None:
            taken[zeros] = 0
        return self._typed(taken, len(rows))

    def _typed(self, taken: NDArray[Any], batch: int) -> NDArray[Any]:
        values = taken.reshape(batch, -1).view(self._dtype)
        return values if self._scalar else values.reshape(batch, *self._shape)


def _as_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """View a contiguous (N, …) as bytes (N, R)."""
    size = _row_bytes(array)
    return array.reshape(-1).view(np.uint8).reshape(len(array), size)


def _row_bytes(array: NDArray[Any]) -> int:
    return int(np.prod(array.shape[1:], dtype=np.int64)) * array.dtype.itemsize


def _record_dtype(columns: Sequence[NDArray[Any]]) -> np.dtype[Any]:
    """Return a record with fields f0, f1, … one behind the other, each aligned for its dtype."""
    names, formats, offsets, end = [], [], [], 0
    for index, array in enumerate(columns):
        end = -(-end // array.dtype.alignment) * array.dtype.alignment
        names.append(f"f{index}")
        formats.append((array.dtype, array.shape[1:]))
        offsets.append(end)
        end += _row_bytes(array)
    size = max(-(-end // _ALIGN), 1) * _ALIGN
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})

"""Steps of a growing buffer: the newest episodes, the oldest leave when it is full."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.storage.windows import Mask, Rows, WindowIndex

_FIRST_ROWS = 256


class RingStore:
    """Whole episodes, and one that is still open, in arrays used round and round.

    Rows are counted on for ever; row t lies at t modulo the allocated length. Memory grows
    geometrically up to `capacity`, and is never taken in advance.

    Args:
        step_names: columns with one entry a step.
        onetime_names: columns with one entry an episode.
        capacity: most steps held; None for no limit.
    """

    def __init__(
        self, step_names: Sequence[str], onetime_names: Sequence[str], capacity: int | None
    ) -> None:
        self._step_names, self._onetime_names = tuple(step_names), tuple(onetime_names)
        self._capacity = capacity
        self.version = 0
        self.clear()

    def clear(self) -> None:
        """Forget every step."""
        self._columns: dict[str, NDArray[Any]] = {}
        self._allocated = 0
        self._episodes: deque[tuple[int, int]] = deque()
        self._onetime: deque[dict[str, NDArray[Any]]] = deque()
        self._head = self._tail = 0
        self._open_at = 0
        self.version += 1

    # -- what is there ---------------------------------------------------------------------

    @property
    def starts(self) -> Rows:
        """First row of each whole episode, (E,)."""
        return np.array([start for start, _ in self._episodes], np.int64)

    @property
    def lengths(self) -> Rows:
        """Steps of each whole episode, (E,)."""
        return np.array([length for _, length in self._episodes], np.int64)

    @property
    def open_steps(self) -> int:
        """Steps of the episode begun but not finished."""
        return self._tail - self._open_at

    @property
    def allocated(self) -> int:
        """Rows that memory was taken for."""
        return self._allocated

    def cut(
        self, names: Sequence[str], index: WindowIndex, windows: Rows
    ) -> tuple[list[NDArray[Any]], Mask | None]:
        """Return for each name its windows (B, H, …), and the padding mask (B, H) if any can be."""
        rows, padded, zeros = index.rows(windows)
        taken = [self.take(name, rows) for name in names]
        if zeros is not None:
            for array in taken:
                array[zeros] = 0
        return taken, padded if index.can_pad else None

    def take(self, name: str, rows: Rows) -> NDArray[Any]:
        """Return a copy of `rows` (any shape) of a column."""
        return self._columns[name][rows % self._allocated]

    def put(self, name: str, rows: Rows, values: NDArray[Any]) -> None:
        """Overwrite rows (n,) of a column."""
        self._columns[name][rows % self._allocated] = values

    def put_onetime(self, name: str, episodes: Rows, values: NDArray[Any]) -> None:
        """Overwrite the entries of some whole episodes, (n,)."""
        for episode, value in zip(episodes.tolist(), values, strict=True):
            self._onetime[episode][name] = np.array(value)

    def episode(self, name: str, index: int) -> NDArray[Any]:
        """Return a copy of a column over one episode, (L, …)."""
        start, length = self._episodes[index]
        return self.take(name, np.arange(start, start + length))

    def chunks(self, name: str, most_bytes: int) -> Iterator[NDArray[Any]]:
        """Yield copies of a column piece by piece, in order."""
        column = self._columns.get(name)
        if column is None:
            return
        step = max(most_bytes // max(column[:1].nbytes, 1), 1)
        for begin in range(self._head, self._open_at, step):
            yield self.take(name, np.arange(begin, min(begin + step, self._open_at)))

    def add_column(self, name: str, values: NDArray[Any]) -> None:
        """Add a column with one entry for each step of the whole episodes."""
        column = np.zeros((self._allocated, *values.shape[1:]), values.dtype)
        column[np.arange(self._head, self._open_at) % self._allocated] = values
        self._columns[name] = column
        self._step_names = (*self._step_names, name)

    def onetime(self, name: str) -> NDArray[Any]:
        """Return the entries of all whole episodes, (E, …)."""
        return np.stack([values[name] for values in self._onetime])

    # -- growing ---------------------------------------------------------------------------

    def append(self, steps: Mapping[str, NDArray[Any]]) -> None:
        """Add rows (n, …) to the open episode, at the cost of the oldest episodes if need be.

        Raises:
            DataError: the open episode alone is longer than the capacity.
        """
        count = len(next(iter(steps.values())))
        self._make_room(count)
        if not self._columns:
            for name in self._step_names:
                like = steps[name]
                self._columns[name] = np.zeros((self._allocated, *like.shape[1:]), like.dtype)
        rows = np.arange(self._tail, self._tail + count) % self._allocated
        for name in self._step_names:
            self._columns[name][rows] = steps[name]
        self._tail += count

    def finish(self, onetime: Mapping[str, NDArray[Any]]) -> None:
        """Close the open episode."""
        self._episodes.append((self._open_at, self._tail - self._open_at))
        self._onetime.append({name: np.array(onetime[name]) for name in self._onetime_names})
        self._open_at = self._tail
        self.version += 1

    def end_open(self, done_key: str) -> None:
        """Mark the last step of the open episode as its end."""
        self._columns[done_key][(self._tail - 1) % self._allocated] = True

    def _make_room(self, count: int) -> None:
        capacity = self._capacity
        if capacity is not None:
            if self.open_steps + count > capacity:
                raise DataError(
                    f"episode of {self.open_steps + count} steps does not fit: the dataset holds "
                    f"capacity={capacity} steps; raise capacity or end episodes earlier"
                )
            while self._tail + count - self._head > capacity:
                self._evict()
        needed = self._tail + count - self._head
        if needed > self._allocated:
            grown = max(needed, 2 * self._allocated, _FIRST_ROWS)
            self._reallocate(grown if capacity is None else min(grown, capacity))

    def _evict(self) -> None:
        self._episodes.popleft()
        self._onetime.popleft()
        self._head = self._episodes[0][0] if self._episodes else self._open_at
        self.version += 1

    def _reallocate(self, length: int) -> None:
        live = np.arange(self._head, self._tail)
        for name, old in self._columns.items():
            new = np.zeros((length, *old.shape[1:]), old.dtype)
            new[live % length] = old[live % self._allocated]
            self._columns[name] = new
        self._allocated = length

"""`Hdf5Episodes`: episodes read from an HDF5 file as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.datasets.columns import TIMESTEP, Columns
from muse.datasets.storage.hdf5_column import Hdf5Column
from muse.datasets.storage.hdf5_file import Hdf5File
from muse.datasets.storage.windows import Mask, Rows, WindowIndex


class Hdf5Episodes:
    """Episodes `begin` to `end` of a file; `done` and the timestep follow from their lengths.

    Memory does not grow with the data. Several of these may share one file.

    Args:
        file: the file.
        steps: the columns with an entry a step, by name.
        onetime: name -> (E, …), one entry for each episode of the file.
        lengths: steps of each episode of the file, (E,).
        columns: what each name must look like.
        begin: first episode.
        end: one past the last.
    """

    version = 0

    def __init__(
        self,
        file: Hdf5File,
        steps: Mapping[str, Hdf5Column],
        onetime: Mapping[str, NDArray[Any]],
        lengths: Rows,
        columns: Columns,
        begin: int = 0,
        end: int | None = None,
    ) -> None:
        self.file, self.columns = file, columns
        self._steps, self._onetime, self._all_lengths = steps, onetime, lengths
        self._begin = begin
        chosen = slice(begin, end)
        self.starts: Rows = (np.cumsum(lengths) - lengths)[chosen]
        self.lengths: Rows = lengths[chosen]
        self._added: dict[str, NDArray[Any]] = {}

    def select(self, begin: int, end: int) -> Hdf5Episodes:
        """Return other episodes of the same file."""
        same = (self.file, self._steps, self._onetime, self._all_lengths, self.columns)
        return Hdf5Episodes(*same, begin, end)

    @property
    def count(self) -> int:
        """Episodes of the whole file."""
        return len(self._all_lengths)

    @property
    def is_mapped(self) -> bool:
        """Whether every column is read straight from the mapped file."""
        return all(column.is_mapped for column in self._steps.values())

    def cut(
        self, names: Sequence[str], index: WindowIndex, windows: Rows
    ) -> tuple[list[NDArray[Any]], Mask | None]:
        """Return for each name its windows (B, H, …), and the padding mask (B, H) if any can be."""
        if len(windows) and np.max(windows) >= len(index):
            raise IndexError("no such window")
        rows, padded, zeros = index.rows(windows)
        taken = [self.take(name, rows) for name in names]
        if zeros is not None:
            for array in taken:
                array[zeros] = 0
        return taken, padded if index.can_pad else None

    def take(self, name: str, rows: Rows) -> NDArray[Any]:
        """Return a copy of `rows`, (n,) or (B, H) with each row of them within one episode."""
        grid = rows if rows.ndim == 2 else rows[:, None]
        episodes = np.searchsorted(self.starts, grid[:, 0], side="right") - 1
        within = grid - self.starts[episodes][:, None]
        if name == TIMESTEP:
            values = within
        elif name == self.columns.done_key:
            values = within == self.lengths[episodes][:, None] - 1
        elif name in self._added:
            values = self._added[name][grid - self.starts[0]]
        else:
            values = self._steps[name].windows(episodes + self._begin, within)
            flat = self._fit(name, values.reshape(grid.size, *values.shape[2:]))
            values = flat.reshape(*grid.shape, *flat.shape[1:])
        return values if rows.ndim == 2 else values[:, 0]

    def episode(self, name: str, index: int) -> NDArray[Any]:
        """Return a copy of a column over one episode, (L, …)."""
        return self._run(name, index, 0, int(self.lengths[index]))

    def onetime(self, name: str) -> NDArray[Any]:
        """Return the entries of these episodes, (E, …)."""
        return self._onetime[name][self._begin : self._begin + len(self.lengths)]

    def chunks(self, name: str, most_bytes: int) -> Iterator[NDArray[Any]]:
        """Yield a column piece by piece, in order, no more than about `most_bytes` at once."""
        for index, length in enumerate(self.lengths.tolist()):
            row_bytes = self._run(name, index, 0, 1).nbytes
            step = max(most_bytes // max(row_bytes, 1), 1)
            for begin in range(0, length, step):
                yield self._run(name, index, begin, min(begin + step, length))

    def add_column(self, name: str, values: NDArray[Any]) -> None:
        """Add a column with one entry for each step of these episodes, held in memory."""
        self._added[name] = np.array(values)

    def close(self) -> None:
        """Close the file; it is opened again when read."""
        self.file.close()

    def _run(self, name: str, index: int, begin: int, end: int) -> NDArray[Any]:
        if name in self._steps:
            return self._fit(name, self._steps[name].read(self._begin + index, begin, end))
        return self.take(name, self.starts[index] + np.arange(begin, end))

    def _fit(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        return self.columns.fit(name, values, str(self.file.path))

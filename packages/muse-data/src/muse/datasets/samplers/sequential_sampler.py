"""`SequentialSampler`: epochs in which every window comes exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.errors import DataError
from muse.core.params import Param
from muse.datasets.samplers.permutation import Permutation
from muse.datasets.samplers.sampler import Indices, Sampler

_BLOCK = 64  # batches worked out together at most


class SequentialSampler(Sampler):
    """Goes through all windows epoch by epoch, each epoch in an order of its own.

    Batches are always full: one that begins at the end of an epoch is completed from the next.
    The n-th batch is a pure function of (seed, n); the memory used does not grow with the data.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("shuffle", bool, True, help="draw a new order for each epoch, else by number"),
    )

    def __init__(self, dataset: Any, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(dataset, params)
        if not self.dataset.frozen:
            raise DataError(
                "SequentialSampler needs a frozen dataset, because epochs of a growing one are not "
                "defined; set frozen=True or use Sampler"
            )
        # Not more than an epoch together: each epoch has an order of its own to set up.
        self._block_size = min(max(self.size // self.batch_size, 1), _BLOCK)
        self._cache: tuple[int, Indices] = (-1, np.empty((0, 0), np.int64))

    @property
    def size(self) -> int:
        """Windows in an epoch."""
        return int(self.dataset.num_windows)

    @property
    def batches_per_epoch(self) -> int:
        """Batches that `epoch_batches` yields."""
        return -(-self.size // self.batch_size)

    def get_indices(self) -> Indices:
        """Return what `get_batch` takes for the next batch, (B,), and move on."""
        count, batch = self._block_size, self.batch_size
        number, offset = divmod(self.position, count)
        if self._cache[0] != number:
            first = number * count * batch
            windows = self._windows(first, first + count * batch)
            self._cache = (number, windows.reshape(count, batch))
        self.position += 1
        indices: Indices = self.dataset.window_indices(self._cache[1][offset])
        return indices

    def epoch_batches(self, epoch: int = 0) -> Iterator[Indices]:
        """Yield one epoch, each window once, the last batch short; the position stays."""
        begin, end = epoch * self.size, (epoch + 1) * self.size
        for first in range(begin, end, self.batch_size):
            yield self.dataset.window_indices(
                self._windows(first, min(first + self.batch_size, end))
            )

    def restore(self, state: Mapping[str, Any]) -> None:
        super().restore(state)
        self._cache = (-1, np.empty((0, 0), np.int64))

    def _windows(self, first: int, last: int) -> Indices:
        """Windows at places `first` to `last` of the endless row of epochs."""
        size = self.size
        parts = []
        while first < last:
            epoch, begin = divmod(first, size)
            count = min(last - first, size - begin)
            places = np.arange(begin, begin + count, dtype=np.int64)
            if self.params.shuffle:
                places = Permutation(size, self.seed, epoch)(places)
            parts.append(places)
            first += count
        return np.concatenate(parts)

"""`SequentialSampler`: epochs in which every window comes exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.core.params import Param
from muse.datasets.samplers.permutation import Permutation
from muse.datasets.samplers.sampler import Indices, Sampler

_BLOCK = 64  # batches worked out together at most


class SequentialSampler(Sampler):
    """Goes through all windows epoch by epoch, each epoch in an order of its own.

    Batches are always full: one that begins at the end of an epoch is completed from the next.
    The n-th batch is a pure function of (seed, n); without weights the memory used does not grow
    with the data.

    With weights w a window comes, in an epoch of n draws, n w / sum(w) times, rounded up or down
    (systematic sampling, W. G. Madow and L. H. Madow, "On the theory of systematic sampling",
    1944), so equal weights give each window once.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("shuffle", bool, True, help="draw a new order for each epoch, else by number"),
        Param(
            "sample_weights",
            np.ndarray | list | None,
            None,
            help="how often each window comes, relative to the others; None: equally often",
        ),
    )

    def __init__(self, dataset: Any, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(dataset, params)
        if not self.dataset.frozen:
            raise DataError(
                f"{type(self).__name__} needs a frozen dataset, because epochs of a growing one "
                "are not defined; set frozen=True or use Sampler"
            )
        # Not more than an epoch together: each epoch has an order of its own to set up.
        self._block_size = min(max(self.size // self.batch_size, 1), _BLOCK)
        weights = self._weights()
        self._ends = None if weights is None else self._cumulated(weights)

    def _weights(self) -> Any:
        """Return the weight of each window, (W,); None: equal."""
        weights = self.params.sample_weights
        if weights is not None and np.shape(weights) != (self.size,):
            raise DataError(
                f"{type(self).__name__}: sample_weights has shape {np.shape(weights)}; expected "
                f"one for each of {self.size} windows"
            )
        return weights

    @property
    def size(self) -> int:
        """Windows in an epoch."""
        return int(self.dataset.num_windows)

    @property
    def batches_per_epoch(self) -> int:
        """Batches that `epoch_batches` yields."""
        return -(-self.size // self.batch_size)

    def epoch_batches(self, epoch: int = 0) -> Iterator[Indices]:
        """Yield one epoch, each window once, the last batch short; the position stays."""
        begin, end = epoch * self.size, (epoch + 1) * self.size
        for first in range(begin, end, self.batch_size):
            share = self._windows(first, min(first + self.batch_size, end))[self._share]
            if len(share):
                yield self._indices(share)

    def _batch(self, position: int) -> Indices:
        count, batch = self._block_size, self.batch_size
        number, offset = divmod(position, count)
        if self._block[0] != number:
            first = number * count * batch
            windows = self._windows(first, first + count * batch)
            self._block = (number, windows.reshape(count, batch))
        windows = self._block[1][offset]
        return windows

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
            if self._ends is not None:
                places = self._weighted(places, epoch)
            parts.append(places)
            first += count
        return np.concatenate(parts)

    def _weighted(self, places: Indices, epoch: int) -> Indices:
        """Return the windows on whose stretch of the line [0, size) the places lie."""
        assert self._ends is not None
        source = np.random.Philox(key=[self.seed, epoch], counter=[0, 0, 0, 1])
        shift = np.random.Generator(source).random()
        windows = np.searchsorted(self._ends, places + shift, side="right")
        return np.minimum(windows, self._last)

    def _cumulated(self, weights: Any) -> NDArray[np.float64]:
        """Return where each window's stretch of the line [0, size) ends, (W,)."""
        weights = np.asarray(weights, np.float64)
        if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
            raise DataError(
                f"{type(self).__name__}: sample_weights has values from {weights.min():g} to "
                f"{weights.max():g}; expected numbers >= 0, not all zero"
            )
        self._last = int(np.flatnonzero(weights)[-1])
        ends = np.cumsum(weights)
        return ends / ends[-1] * self.size

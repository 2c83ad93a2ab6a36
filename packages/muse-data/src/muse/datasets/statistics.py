"""Mean, deviation, range and quantiles of columns, in pieces and deaf to NaN."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets.row_sample import RowSample

#: Bytes of a column looked at together.
CHUNK_BYTES = 8 << 20
QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}
#: What is known of each name.
STATISTICS = ("mean", "std", "min", "max", *QUANTILES)


class RunningStatistics:
    """Statistics over the first axis of arrays that come piece by piece.

    Means and squared deviations are merged in float64 by the parallel formula of Chan, Golub and
    LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979),
    so that neither the order of pieces nor a large offset costs precision. NaN entries are left
    out, element by element. Quantiles are those of a `RowSample`.
    """

    def __init__(self) -> None:
        self._count: Any = None
        self._sample = RowSample()

    def update(self, piece: NDArray[Any]) -> None:
        """Take in a piece (n, …) of numbers."""
        if not len(piece):
            return
        self._sample.update(piece)
        count, mean, squares, low, high = _moments(piece)
        if self._count is None:
            self._count, self._mean, self._squares = count, mean, squares
            self._low, self._high = low, high
            return
        total = self._count + count
        share = count / np.maximum(total, 1)
        delta = mean - self._mean
        self._squares = self._squares + squares + delta**2 * self._count * share
        self._mean = self._mean + delta * share
        self._count = total
        self._low, self._high = np.minimum(self._low, low), np.maximum(self._high, high)

    def result(self, dtype: Any) -> AttrDict:
        """Return mean, std, min, max and the quantiles q01, q10, q50, q90 and q99.

        A number never seen gets mean 0 and range [0, 0]; a deviation of 0 becomes 1, so that
        dividing by it is safe. Integers and flags are described in float32.
        """
        if self._count is None:
            raise DataError("statistics of nothing: the dataset has no steps; add episodes first")
        kind = np.dtype(dtype) if np.dtype(dtype).kind == "f" else np.dtype(np.float32)
        seen = self._count > 0
        std = np.sqrt(self._squares / np.maximum(self._count, 1))
        std = np.where(np.isfinite(std) & (self._high > self._low), std, 1.0)
        parts = {
            "mean": np.where(seen, self._mean, 0.0),
            "std": std,
            "min": np.where(seen, self._low, 0.0),
            "max": np.where(seen, self._high, 0.0),
        }
        quantiles = self._sample.quantiles(list(QUANTILES.values()))
        parts |= dict(zip(QUANTILES, np.where(seen, quantiles, 0.0), strict=True))
        return AttrDict((key, np.asarray(value, kind)) for key, value in parts.items())


def statistics_of(name: str, pieces: Iterable[NDArray[Any]]) -> AttrDict:
    """Return AttrDict(mean, std, min, max, q01, q10, q50, q90, q99) of `pieces` (n, …).

    Each is of the shape of one entry. One pass, in memory that does not grow with the data.
    Quantiles are exact up to the size of a `RowSample`, beyond that of a random sample of rows.
    """
    running = RunningStatistics()
    dtype: Any = np.float32
    for piece in pieces:
        if piece.dtype.kind not in "fiub":
            raise DataError(f"{name!r} is {piece.dtype}; statistics need numbers")
        dtype = piece.dtype
        running.update(piece)
    return running.result(dtype)


def _moments(piece: NDArray[Any]) -> tuple[Any, Any, Any, Any, Any]:
    """Return count, mean, squared deviations, min and max of the numbers of a piece (n, …)."""
    values = piece if piece.dtype.kind == "f" else piece.astype(np.float32)
    if piece.dtype.itemsize > 2:
        values = piece.astype(np.float64)
    known = ~np.isnan(values) if piece.dtype.kind == "f" else None
    if known is None or known.all():
        mean = values.mean(axis=0, dtype=np.float64)
        squares = ((values - mean) ** 2).sum(axis=0)
        count = np.full(piece.shape[1:], len(piece), np.int64)
        return count, mean, squares, values.min(axis=0), values.max(axis=0)
    count = known.sum(axis=0)
    mean = np.where(known, values, 0).sum(axis=0, dtype=np.float64) / np.maximum(count, 1)
    squares = np.where(known, (values - mean) ** 2, 0).sum(axis=0)
    low = np.where(known, values, np.inf).min(axis=0)
    high = np.where(known, values, -np.inf).max(axis=0)
    return count, mean, squares, low, high

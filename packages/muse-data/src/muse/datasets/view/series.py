"""Time series small enough to stand in a page."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.tools.column_check import flat_size

MOST_DIMS = 64  # numbers of a column that are drawn
_MOST_POINTS = 400  # steps of an episode that are drawn
_BINS = 40
_LEVELS = 65534  # 65535 stands for a value that is not finite


def stride_of(length: int) -> int:
    """Return how many steps lie between drawn ones."""
    return max(1, math.ceil(length / _MOST_POINTS))


class ColumnSeries:
    """A step column over all episodes, in 16 bits a number, and its histograms.

    Args:
        column: the column, of numbers.
        statistics: its mean, std, min and max, flat (D,).
        role: what it is for.
        labels: what its dimensions are called, where that is known.
    """

    def __init__(
        self, column: Column, statistics: AttrDict, role: str, labels: Sequence[str] = ()
    ) -> None:
        self._column = column
        self._dims = min(flat_size(column), MOST_DIMS)
        self._role = role
        known = len(labels) == flat_size(column)
        self._labels = list(labels[: self._dims]) if known else list(map(str, range(self._dims)))
        self._statistics = {k: np.asarray(v)[: self._dims] for k, v in statistics.items()}
        self._low = self._statistics["min"]
        self._span = np.maximum(self._statistics["max"] - self._low, 1e-12)
        self._counts = np.zeros((self._dims, _BINS), np.int64)
        self._episodes: list[str] = []

    def add(self, source: EpisodeSource, episode: int) -> None:
        """Take in an episode of `source`."""
        values = source.read(self._column.name, episode)
        flat = values.reshape(len(values), -1)[:, : self._dims].astype(np.float64)
        known = np.isfinite(flat)
        share = np.clip((np.where(known, flat, 0) - self._low) / self._span, 0, 1)
        for dim in range(self._dims):
            bins = np.minimum(share[known[:, dim], dim] * _BINS, _BINS - 1).astype(np.int64)
            self._counts[dim] += np.bincount(bins, minlength=_BINS)
        levels = np.where(known, np.rint(share * _LEVELS), _LEVELS + 1).astype("<u2")
        drawn = levels[:: stride_of(len(levels))]
        self._episodes.append(base64.b64encode(drawn.T.tobytes()).decode("ascii"))

    def bytes_of(self, lengths: NDArray[np.int64]) -> int:
        """Return about how many bytes of the page episodes of `lengths` (E,) take."""
        points = sum(math.ceil(length / stride_of(length)) for length in lengths.tolist())
        return points * self._dims * 2 * 4 // 3

    def as_json(self) -> dict[str, Any]:
        """Return what the page draws: per episode base64 of (D, points) little-endian uint16."""
        return {
            "name": self._column.name,
            "role": self._role,
            "dims": self._dims,
            "labels": self._labels,
            "left_out": flat_size(self._column) - self._dims,
            **{key: _short(value) for key, value in self._statistics.items()},
            "histograms": self._counts.tolist(),
            "episodes": self._episodes,
        }


def _short(values: NDArray[Any]) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]

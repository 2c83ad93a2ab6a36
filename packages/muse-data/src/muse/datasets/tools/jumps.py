"""Finding steps between which a signal moves far more than it usually does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: From this robust z-score on a step counts as a jump.
THRESHOLD = 25.0
_RESERVOIR = 4096  # differences kept of each dimension
_CANDIDATES = 32  # largest differences kept of each dimension
_ALONE = 3.0  # times the steps beside it in its direction: a burst of motion is no jump
_SMALL = 0.15  # of the range: smaller changes are no jumps
_STILL = 1e-6  # of the range: smaller changes are rest
_EVEN = 0.01  # of the median: evener motion than this is not told apart
_FEWEST = 50  # differences other than zero, below which nothing is said
_TURN = 2 * math.pi


@dataclass(frozen=True)
class Jump:
    """A step that stands out.

    Args:
        episode: its episode.
        step: the step it arrives at.
        dim: the number within the column, flat.
        change: the difference to the step before.
        score: the robust z-score |change - median| / (1.4826 MAD) of its size.
    """

    episode: int
    step: int
    dim: int
    change: float
    score: float


class JumpFinder:
    """Watches one column and tells its jumps at the end, in memory that does not grow.

    Median and MAD (median absolute deviation) are those of the sizes of the differences that are
    not rest, so that signals that mostly rest, such as grippers, are not all jumps. They are
    estimated from a reservoir sample (Vitter 1985, algorithm R). Where the values of a dimension
    fill one turn, its differences are taken the short way round.
    """

    def __init__(self, dims: int) -> None:
        self._rng = np.random.default_rng(0)
        self._sample = np.full((_RESERVOIR, dims), np.nan)
        self._seen = 0
        self._top = np.zeros((0, dims))
        self._where = np.zeros((0, dims, 2), np.int64)
        self._low = np.full(dims, np.inf)
        self._high = np.full(dims, -np.inf)

    def update(self, values: NDArray[Any], episode: int) -> None:
        """Take in one episode (L, D) of finite or NaN values."""
        if len(values) < 2:
            return
        self._low = np.fmin(self._low, np.nanmin(values, axis=0, initial=np.inf))
        self._high = np.fmax(self._high, np.nanmax(values, axis=0, initial=-np.inf))
        changes = np.nan_to_num(np.diff(values, axis=0), nan=0.0)
        self._keep_sample(changes)
        self._keep_largest(changes, episode)

    def jumps(self) -> list[Jump]:
        """Return what stands out, the most striking first."""
        turning = np.abs(self._high - self._low - _TURN) < 0.05 * _TURN
        sample = _short_way(self._sample[: min(self._seen, _RESERVOIR)], turning)
        span = self._high - self._low
        sizes = np.where(np.abs(sample) <= _STILL * span, np.nan, np.abs(sample))
        found: list[Jump] = []
        changes = _short_way(self._top, turning)
        for dim in range(sizes.shape[1]):
            moving = sizes[:, dim][np.isfinite(sizes[:, dim])]
            if len(moving) < _FEWEST:
                continue
            median = float(np.median(moving))
            spread = 1.4826 * float(np.median(np.abs(moving - median)))
            spread = max(spread, _EVEN * median)
            size = np.abs(changes[:, dim])
            scores = (size - median) / spread
            large = size > _SMALL * span[dim]
            for row in np.flatnonzero((scores > THRESHOLD) & large):
                episode, step = self._where[row, dim].tolist()
                change = float(changes[row, dim])
                found.append(Jump(episode, step, dim, change, float(scores[row])))
        return sorted(found, key=lambda jump: -jump.score)

    def _keep_sample(self, changes: NDArray[Any]) -> None:
        room = max(0, min(_RESERVOIR - self._seen, len(changes)))
        self._sample[self._seen : self._seen + room] = changes[:room]
        late = np.arange(self._seen + room, self._seen + len(changes))
        slots = self._rng.integers(0, late + 1)
        taken = slots < _RESERVOIR
        self._sample[slots[taken]] = changes[room:][taken]
        self._seen += len(changes)

    def _keep_largest(self, changes: NDArray[Any], episode: int) -> None:
        changes = np.where(_stands_alone(changes), changes, 0)
        count = min(_CANDIDATES, len(changes))
        rows = np.argpartition(-np.abs(changes), count - 1, axis=0)[:count]
        top = np.concatenate([self._top, np.take_along_axis(changes, rows, axis=0)])
        places = np.stack([np.full_like(rows, episode), rows + 1], axis=-1)
        where = np.concatenate([self._where, places])
        order = np.argsort(-np.abs(top), axis=0, kind="stable")[:_CANDIDATES]
        self._top = np.take_along_axis(top, order, axis=0)
        self._where = np.take_along_axis(where, order[..., None], axis=0)


def _stands_alone(changes: NDArray[Any]) -> NDArray[np.bool_]:
    """Return whether the differences (L, D) before and after each are far smaller, or go back."""
    beside = np.zeros_like(changes)
    direction = np.sign(changes)
    beside[1:] = direction[1:] * changes[:-1]
    beside[:-1] = np.maximum(beside[:-1], direction[:-1] * changes[1:])
    alone: NDArray[np.bool_] = np.abs(changes) > _ALONE * beside
    return alone


def _short_way(changes: NDArray[Any], turning: NDArray[Any]) -> NDArray[Any]:
    """Return differences within half a turn where `turning` (D,) says they are angles."""
    wrapped = np.mod(changes + _TURN / 2, _TURN) - _TURN / 2
    return np.where(turning, wrapped, changes)

"""Watching one numeric column go by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.datasets.formats.source import Column
from muse.datasets.statistics import RunningStatistics
from muse.datasets.tools.finding import Finding
from muse.datasets.tools.jumps import JumpFinder

_MOST = 5  # findings of one kind in one column
_NEAR = 1e-6  # of the range: closer than this is at the limit
_OFTEN = 0.05  # share of steps at a limit worth a word


class ColumnCheck:
    """Statistics of a column, and what is wrong with it.

    Args:
        column: the column, of numbers or flags.
        limits: lowest and highest value allowed, each of the column's shape or ().
    """

    def __init__(self, column: Column, limits: tuple[Any, Any] | None = None) -> None:
        self.column = column
        self._statistics = RunningStatistics()
        self._dims = flat_size(column)
        watched = column.per == "step" and column.dtype.kind == "f"
        self._jumps = JumpFinder(self._dims) if watched else None
        self._limits = None if limits is None else [self._flat_limit(each) for each in limits]
        self._entries = 0
        self._bad: list[tuple[int, int, int, int]] = []  # episode, first step, NaN, infinite
        self._outside: list[tuple[int, int, float]] = []  # episode, first step, value
        self._at_limit = np.zeros(self._dims, np.int64)

    def update(self, values: NDArray[Any], episode: int) -> None:
        """Take in the column over one episode: (L, …), or (1, …) of an episode column."""
        flat = values.reshape(len(values), self._dims)
        self._entries += len(flat)
        if flat.dtype.kind == "f":
            known = np.isfinite(flat)
            if not known.all():
                flat = self._note_bad(flat, known, episode)
        self._statistics.update(flat)
        if self._jumps is not None:
            self._jumps.update(flat, episode)
        if self._limits is not None:
            self._compare(flat, episode)

    def statistics(self) -> AttrDict:
        """Return mean, std, min and max, each flat (D,)."""
        return self._statistics.result(np.float64)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong or strange, the worst first."""
        name = self.column.name
        for episode, step, nans, infinite in self._bad[:_MOST]:
            kinds = [f"{n} {k}" for n, k in ((nans, "NaN"), (infinite, "infinite")) if n]
            yield Finding("error", " and ".join(kinds), name, episode, step)
        if len(self._bad) > _MOST:
            more = len(self._bad) - _MOST
            yield Finding("error", f"NaN or infinite values in {more} further episodes", name)
        for episode, step, value in self._outside[:_MOST]:
            low, high = (float(each.min()) for each in self._limits or [])
            message = f"{value:g} is outside the limits of the spec, {low:g} to {high:g}"
            yield Finding("error", message, name, episode, step)
        yield from self._constant()
        yield from self._resting()
        if self._jumps is not None:
            for jump in self._jumps.jumps()[:_MOST]:
                dim = f"[{jump.dim}]" if self._dims > 1 else ""
                yield Finding(
                    "warning",
                    f"{name}{dim} jumps by {jump.change:.4g}, {jump.score:.0f} times its usual "
                    "deviation",
                    name,
                    jump.episode,
                    jump.step,
                )

    def _note_bad(self, flat: NDArray[Any], known: NDArray[Any], episode: int) -> NDArray[Any]:
        nans = int(np.isnan(flat).sum())
        step = int(np.argmin(known.all(axis=1)))
        self._bad.append((episode, step, nans, int((~known).sum()) - nans))
        return np.where(known, flat, np.nan)

    def _compare(self, flat: NDArray[Any], episode: int) -> None:
        low, high = self._limits or []
        slack = _NEAR * (high - low)
        wrong = (flat < low - slack) | (flat > high + slack)
        if wrong.any():
            step, dim = np.argwhere(wrong)[0].tolist()
            self._outside.append((episode, step, float(flat[step, dim])))
        self._at_limit += ((flat <= low + slack) | (flat >= high - slack)).sum(axis=0)

    def _constant(self) -> Iterator[Finding]:
        found = self.statistics()
        constant = np.flatnonzero(found.min == found.max)
        if self._entries < 2 or not len(constant):
            return
        if len(constant) == self._dims:
            value = f" {found.min[0]:g}" if self._dims == 1 else ""
            yield Finding("note", f"is always the same{value}", self.column.name)
        else:
            which = ", ".join(map(str, constant))
            yield Finding("note", f"dimensions {which} never change", self.column.name)

    def _resting(self) -> Iterator[Finding]:
        shares = self._at_limit / max(self._entries, 1)
        if self._limits is not None and shares.max(initial=0.0) > _OFTEN:
            dim = int(shares.argmax())
            message = f"dimension {dim} is at its limit in {100 * shares[dim]:.0f} % of the steps"
            yield Finding("note", message, self.column.name)

    def _flat_limit(self, limit: Any) -> NDArray[np.float64]:
        return np.broadcast_to(np.asarray(limit, np.float64), self.column.shape).reshape(-1)


def flat_size(column: Column) -> int:
    """Return D, the numbers in one entry of `column`."""
    return int(np.prod(column.shape, dtype=np.int64))

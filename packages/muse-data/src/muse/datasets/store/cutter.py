"""`StoreCutter`: cuts windows of some columns out of a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from muse.datasets.storage.frozen import FrozenStore
from muse.datasets.storage.windows import Mask, Rows

if TYPE_CHECKING:
    from muse.datasets.store.episodes import StoreEpisodes


class StoreCutter:
    """Cuts windows of `names`: small columns together out of the map, others one by one.

    Args:
        episodes: the episodes.
        records: the small columns, side by side.
        is_own: whether the rows of `records` are those of `episodes`, else those of the store.
        names: the columns wanted, in order.
        horizon: steps in a window.
        skip: rows from one step to the next.
    """

    def __init__(
        self,
        episodes: StoreEpisodes,
        records: FrozenStore,
        is_own: bool,
        names: Sequence[str],
        horizon: int,
        skip: int,
    ) -> None:
        self._episodes, self._names, self._is_own = episodes, names, is_own
        self._offsets = np.arange(horizon, dtype=np.int64) * skip
        self._small = [n for n in names if n in records.columns and not episodes.is_added(n)]
        self._cutter = records.cutter(self._small, horizon, skip)
        self._others = [n for n in names if n not in self._small]
        self._to_fit = [n for n in self._small if not is_own and episodes.needs_fit(n)]
        #: Whether windows follow from their first rows alone.
        self.needs_no_episodes = is_own and not self._others

    def windows_from(self, starts: Rows) -> list[NDArray[Any]]:
        """Return for each name the windows at rows `starts` (B,), if that `needs_no_episodes`."""
        return self._cutter.windows(starts)

    def windows(self, numbers: Rows, starts: Rows) -> list[NDArray[Any]]:
        """Return for each name the whole windows at rows `starts` (B,) of episodes (B,)."""
        found: dict[str, NDArray[Any]] = {}
        if self._small:
            first = starts if self._is_own else self._episodes.stored_rows(numbers, starts)
            found.update(zip(self._small, self._cutter.windows(first), strict=True))
        rows = starts[:, None] + self._offsets
        return self._with_others(found, numbers[:, None], rows)

    def rows(self, numbers: Rows, rows: Rows, zeros: Mask | None) -> list[NDArray[Any]]:
        """Return for each name the rows (B, H) of episodes (B,), zero where `zeros` says so."""
        found: dict[str, NDArray[Any]] = {}
        if self._small:
            own = self._is_own
            stored = rows if own else self._episodes.stored_rows(numbers[:, None], rows)
            found.update(zip(self._small, self._cutter.rows(stored, zeros), strict=True))
        arrays = self._with_others(found, numbers[:, None], rows)
        if zeros is not None:
            for name, array in zip(self._names, arrays, strict=True):
                if name not in self._small:
                    array[zeros] = 0
        return arrays

    def _with_others(
        self, found: dict[str, NDArray[Any]], numbers: Rows, rows: Rows
    ) -> list[NDArray[Any]]:
        for name in self._others:
            found[name] = self._episodes.take_of(name, numbers, rows)
        for name in self._to_fit:
            found[name] = self._episodes.fit(name, found[name])
        return [found[name] for name in self._names]

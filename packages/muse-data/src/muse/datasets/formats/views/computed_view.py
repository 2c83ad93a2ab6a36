"""A source with columns that are computed from its episodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.views.source_view import SourceView

#: Returns every computed column of one episode.
Compute = Callable[[int], Mapping[str, Any]]


class ComputedView(SourceView):
    """Adds columns to a source, or replaces them.

    Args:
        base: the source.
        columns: what is computed.
        compute: called with the number of an episode; returns a value for each of `columns`, (L, …)
            or, for an episode column, (…). Its last result is kept, so that it runs once an episode
            when columns are read episode by episode.
    """

    def __init__(
        self,
        base: EpisodeSource,
        columns: Sequence[Column],
        compute: Compute,
    ) -> None:
        super().__init__(base)
        self._columns = {c.name: c for c in columns}
        self._compute = compute
        self._last: tuple[int, Mapping[str, Any]] | None = None

    def columns(self) -> list[Column]:
        kept = [c for c in self.base.columns() if c.name not in self._columns]
        every = [*kept, *self._columns.values()]
        return sorted(every, key=lambda c: c.per == "episode")

    def read(self, name: str, episode: int) -> NDArray[Any]:
        if name not in self._columns:
            return self.base.read(name, episode)
        if self._last is None or self._last[0] != episode:
            self._last = (episode, self._compute(episode))
        column = self._columns[name]
        value = np.asarray(self._last[1][name], column.dtype)
        expected = (int(self.lengths[episode]), *column.shape)
        if column.per == "episode":
            expected = column.shape
        if value.shape != expected:
            raise DataError(
                f"{self.path}: {name!r} computed for episode {episode} has shape {value.shape}, "
                f"expected {expected}"
            )
        return value

    def spec_params(self) -> AttrDict | None:
        """The spec below, with rows for the computed columns; new ones belong to no group."""
        params = self.base.spec_params()
        if params is None:
            return None
        params = params.copy()
        rows = params["names_shapes_limits_dtypes"]
        fitting = [row for row in rows if not self._replaces(row)]
        there = {row[0] for row in fitting}
        infinite = (-float("inf"), float("inf"))
        params["names_shapes_limits_dtypes"] = fitting + [
            (c.name, c.shape, infinite, c.dtype.name)
            for c in self._columns.values()
            if c.name not in there and c.dtype.kind in "fiub"
        ]
        return params

    def _replaces(self, row: Sequence[Any]) -> bool:
        """Whether a computed column no longer fits the spec row of its name."""
        column = self._columns.get(row[0])
        if column is None:
            return False
        return tuple(row[1]) != column.shape or np.dtype(row[3]) != column.dtype

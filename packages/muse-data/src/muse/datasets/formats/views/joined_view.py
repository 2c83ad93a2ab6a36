"""Several sources in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.views.source_view import SourceView
from muse.datasets.storage.windows import Rows


class JoinedView(SourceView):
    """The episodes of several sources, one source behind the other.

    Filters are joined by name. Of `info` and the env spec, what all sources agree on is kept.

    Args:
        sources: at least one; closed with the view.
        common: keep the columns that all sources have, where they do not have the same.

    Raises:
        DataError: a column is missing somewhere or has another shape or dtype.
    """

    def __init__(self, sources: Sequence[EpisodeSource], common: bool = False) -> None:
        if not sources:
            raise DataError("nothing to join: no data set was given; name at least one")
        super().__init__(sources[0])
        self._sources = list(sources)
        self._ends = np.cumsum([len(s.lengths) for s in sources])
        self._columns = self._shared(common)

    def _shared(self, common: bool) -> list[Column]:
        tables = [{c.name: c for c in s.columns()} for s in self._sources]
        names = list(dict.fromkeys(name for table in tables for name in table))
        shared = [name for name in names if all(name in table for table in tables)]
        if len(shared) < len(names) and not common:
            raise DataError(f"the data sets differ: {self._differences(tables, names)}")
        for name in shared:
            self._refuse_unlike(name, [table[name] for table in tables])
        return [c for c in tables[0].values() if c.name in shared]

    def _differences(self, tables: Sequence[Mapping[str, Column]], names: Sequence[str]) -> str:
        missing = [
            f"{source.path} has no {', '.join(repr(n) for n in lacking)}"
            for source, table in zip(self._sources, tables, strict=True)
            if (lacking := [n for n in names if n not in table])
        ]
        return "; ".join(missing) + "; rename or drop columns, or keep only the common ones"

    def _refuse_unlike(self, name: str, columns: Sequence[Column]) -> None:
        first = columns[0]
        for source, column in zip(self._sources, columns, strict=True):
            if (column.shape, column.dtype, column.per) != (first.shape, first.dtype, first.per):
                raise DataError(
                    f"{name!r} has shape {column.shape}, dtype {column.dtype}, one entry a "
                    f"{column.per} in {source.path}, but {first.shape}, {first.dtype}, one a "
                    f"{first.per} in {self._sources[0].path}; expected the same; convert, rename "
                    "or drop it"
                )

    @property
    def lengths(self) -> Rows:
        return np.concatenate([s.lengths for s in self._sources])

    def columns(self) -> list[Column]:
        return self._columns

    def read(self, name: str, episode: int) -> NDArray[Any]:
        source = int(np.searchsorted(self._ends, episode, side="right"))
        before = int(self._ends[source - 1]) if source else 0
        return self._sources[source].read(name, episode - before)

    def unplaced(self) -> list[str]:
        return list(dict.fromkeys(key for s in self._sources for key in s.unplaced()))

    @property
    def info(self) -> Mapping[str, Any]:
        first, *others = (s.info for s in self._sources)
        return {k: v for k, v in first.items() if all(k in o and o[k] == v for o in others)}

    @property
    def filters(self) -> Mapping[str, Sequence[int]]:
        joined: dict[str, list[int]] = {}
        for source, end in zip(self._sources, self._ends, strict=True):
            before = int(end) - len(source.lengths)
            for name, members in source.filters.items():
                joined.setdefault(name, []).extend(before + int(i) for i in members)
        return joined

    def spec_params(self) -> AttrDict | None:
        first, *others = (s.spec_params() for s in self._sources)
        return first if all(repr(o) == repr(first) for o in others) else None

    def close(self) -> None:
        for source in self._sources:
            source.close()

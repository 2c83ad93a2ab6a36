"""Several columns side by side in one array, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import UsageError, suggest
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.tools.column_check import flat_size


class Block:
    """Step columns of a source seen as one array (L, D), in the order given.

    Args:
        source: where they are.
        names: their names.
        what: what they are, for errors ("--state-names").

    Raises:
        UsageError: one of them is not there or holds no numbers.
    """

    def __init__(self, source: EpisodeSource, names: Sequence[str], what: str) -> None:
        there = {c.name: c for c in source.columns() if c.per == "step" and c.dtype.kind in "fiub"}
        for name in names:
            if name not in there:
                raise UsageError(
                    f"{what} {name!r}: {source.path} has the columns {', '.join(there)}."
                    f"{suggest(name, there)}"
                )
        self.columns: list[Column] = [there[name] for name in names]
        self._source = source

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def size(self) -> int:
        """D."""
        return sum(flat_size(column) for column in self.columns)

    def read(self, episode: int) -> NDArray[np.float64]:
        """Return an episode, (L, D)."""
        length = int(self._source.lengths[episode])
        parts = [self._source.read(name, episode).reshape(length, -1) for name in self.names]
        return np.concatenate(parts, axis=1).astype(np.float64)

    def parted(self, values: NDArray[np.float64]) -> Mapping[str, NDArray[Any]]:
        """Return column -> its part of `values` (L, D), in its shape and dtype."""
        ends = np.cumsum([flat_size(column) for column in self.columns])
        parts = np.split(values, ends[:-1], axis=1)
        return {
            column.name: part.reshape(len(values), *column.shape).astype(column.dtype)
            for column, part in zip(self.columns, parts, strict=True)
        }

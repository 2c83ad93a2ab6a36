"""A source whose episodes have other steps: fewer, or some again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.views.source_view import SourceView
from muse.datasets.storage.windows import Rows


class RowsView(SourceView):
    """Takes the steps of each episode that are asked for.

    Args:
        base: the source.
        rows: for each episode a slice, or the numbers (L,) of its steps.

    Raises:
        DataError: an episode would have no step.
    """

    def __init__(self, base: EpisodeSource, rows: Sequence[slice | Rows]) -> None:
        super().__init__(base)
        self._rows = rows
        self._lengths = np.array(
            [
                len(range(*each.indices(int(length)))) if isinstance(each, slice) else len(each)
                for each, length in zip(rows, base.lengths, strict=True)
            ],
            np.int64,
        )
        if not self._lengths.all():
            i = int(np.argmin(self._lengths))
            raise DataError(
                f"{base.path}: nothing would be left of episode {i}, which has {base.lengths[i]} "
                "steps; keep more of it, or delete the episode"
            )
        self._per_step = {c.name for c in base.columns() if c.per == "step"}

    @property
    def lengths(self) -> Rows:
        return self._lengths

    def read(self, name: str, episode: int) -> NDArray[Any]:
        value = self.base.read(name, episode)
        return value[self._rows[episode]] if name in self._per_step else value

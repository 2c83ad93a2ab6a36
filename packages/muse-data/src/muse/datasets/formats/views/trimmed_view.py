"""A source whose episodes begin later or end sooner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.views.source_view import SourceView
from muse.datasets.storage.windows import Rows


class TrimmedView(SourceView):
    """Steps `begins[i]` to before `ends[i]` of each episode i.

    Args:
        base: the source.
        begins: first step kept of each episode, (E,).
        ends: the step after the last one kept, (E,).

    Raises:
        DataError: an episode would lose all its steps, or has not as many.
    """

    def __init__(self, base: EpisodeSource, begins: Sequence[int], ends: Sequence[int]) -> None:
        super().__init__(base)
        self._begins = np.asarray(begins, np.int64)
        self._ends = np.asarray(ends, np.int64)
        bad = (self._begins < 0) | (self._ends > base.lengths) | (self._ends <= self._begins)
        if bad.any():
            i = int(np.argmax(bad))
            raise DataError(
                f"{base.path}: episode {i} has {base.lengths[i]} steps; keeping steps "
                f"{self._begins[i]} to {self._ends[i] - 1} is not possible; trim less, or delete "
                "the episode"
            )
        self._per_step = {c.name for c in base.columns() if c.per == "step"}

    @property
    def lengths(self) -> Rows:
        return self._ends - self._begins

    def read(self, name: str, episode: int) -> NDArray[Any]:
        value = self.base.read(name, episode)
        if name not in self._per_step:
            return value
        return value[self._begins[episode] : self._ends[episode]]

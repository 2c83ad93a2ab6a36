"""Some of the episodes of a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.views.source_view import SourceView
from muse.datasets.storage.windows import Rows


class SubsetView(SourceView):
    """Episodes of a source in the order given; its filters are renumbered.

    Args:
        base: the source.
        episodes: numbers of the episodes kept.

    Raises:
        DataError: there is no such episode.
    """

    def __init__(self, base: EpisodeSource, episodes: Sequence[int]) -> None:
        super().__init__(base)
        self.episodes = np.asarray(episodes, np.int64).reshape(-1)
        count = len(base.lengths)
        bad = self.episodes[(self.episodes < 0) | (self.episodes >= count)]
        if len(bad):
            raise DataError(
                f"{base.path}: no episode {bad[0]}; expected numbers from 0 to {count - 1}"
            )

    @property
    def lengths(self) -> Rows:
        lengths: Rows = self.base.lengths[self.episodes]
        return lengths

    def read(self, name: str, episode: int) -> NDArray[Any]:
        return self.base.read(name, int(self.episodes[episode]))

    @property
    def filters(self) -> Mapping[str, Sequence[int]]:
        return {
            name: np.flatnonzero(np.isin(self.episodes, list(members))).tolist()
            for name, members in self.base.filters.items()
        }

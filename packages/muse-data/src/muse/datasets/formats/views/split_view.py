"""A source with other named subsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.views.source_view import SourceView


class SplitView(SourceView):
    """A source with `filters` beside those it has; one of the same name is replaced."""

    def __init__(self, base: EpisodeSource, filters: Mapping[str, Sequence[int]]) -> None:
        super().__init__(base)
        self._filters = {**base.filters, **filters}

    @property
    def filters(self) -> Mapping[str, Sequence[int]]:
        return self._filters

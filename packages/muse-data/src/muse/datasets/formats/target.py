"""What every format that can be written offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from muse.datasets.formats.source import EpisodeSource

#: Called with the number of entries written since the last call.
Advance = Callable[[int], None]


class EpisodeTarget(ABC):
    """Writes episodes in one format, the whole or nothing (`atomic_path`)."""

    #: One line for `muse data export --help`.
    summary: ClassVar[str] = ""

    @abstractmethod
    def write(
        self, source: EpisodeSource, path: Path, advance: Advance = lambda entries: None
    ) -> None:
        """Write every episode of `source` to `path`.

        Raises:
            DataError: the format cannot hold a column of the source; the message names it.
        """

    def losses(self, source: EpisodeSource) -> list[str]:
        """Say in words what of `source` this format cannot hold; empty when nothing is lost."""
        return []


def entries(source: EpisodeSource, episode: int | None = None) -> int:
    """Return how many entries a target reports for all of `source`, or for one episode."""
    steps, episodes = int(source.lengths.sum()), len(source.lengths)
    if episode is not None:
        steps, episodes = int(source.lengths[episode]), 1
    return sum(steps if column.per == "step" else episodes for column in source.columns())

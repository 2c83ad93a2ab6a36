"""Writing the Muse `.npz` key layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.columns import TIMESTEP
from muse.datasets.formats.npz_writer import npz_writer
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.target import Advance, EpisodeTarget
from muse.datasets.storage.table import timesteps


class NpzTarget(EpisodeTarget):
    """One compressed file: an array a key, and `done` and `rollout_timestep`."""

    summary: ClassVar[str] = "Muse .npz"

    def write(
        self, source: EpisodeSource, path: Path, advance: Advance = lambda entries: None
    ) -> None:
        lengths = source.lengths
        if not len(lengths):
            raise DataError(f"{source.path} has no episodes; a .npz needs at least one")
        total = int(lengths.sum())
        done = np.zeros(total, np.bool_)
        done[np.cumsum(lengths) - 1] = True
        with npz_writer(path) as writer:
            for column in source.columns():
                entries = total if column.per == "step" else len(lengths)
                pieces = _counted(source.pieces(column.name), advance)
                writer.write_pieces(column.name, column.dtype, (entries, *column.shape), pieces)
            writer.write("done", done)
            writer.write(TIMESTEP, timesteps(lengths))

    def losses(self, source: EpisodeSource) -> list[str]:
        lost = []
        if source.info:
            lost.append(f"what is known of the whole: {', '.join(source.info)}")
        if source.filters:
            lost.append(f"the named subsets {', '.join(source.filters)}")
        return lost


def _counted(pieces: Iterator[NDArray[Any]], advance: Advance) -> Iterator[NDArray[Any]]:
    for piece in pieces:
        yield piece
        advance(len(piece))

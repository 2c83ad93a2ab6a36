"""`StoreTarget`: writes a columnar store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from muse.datasets.formats.source import EpisodeSource
from muse.datasets.formats.target import Advance, EpisodeTarget
from muse.datasets.store.writer import StoreWriter


class StoreTarget(EpisodeTarget):
    """Writes a folder of array files that is read through a memory map.

    Args:
        codec: `raw`, `jpeg` or `video` for every image column, or a codec by name.
        quality: of encoded images, 1 to 95.
    """

    summary: ClassVar[str] = "a columnar store of Muse: a folder, for data that outgrow memory"

    def __init__(self, codec: str | Mapping[str, str] = "raw", quality: int = 90) -> None:
        self._codec, self._quality = codec, quality

    def write(
        self, source: EpisodeSource, path: Path, advance: Advance = lambda entries: None
    ) -> None:
        columns = source.columns()
        steps = sum(c.per == "step" for c in columns)
        with StoreWriter(
            path,
            columns,
            spec=source.spec_params(),
            info=source.info,
            filters=source.filters,
            codec=self._codec,
            quality=self._quality,
        ) as writer:
            for i, length in enumerate(source.lengths.tolist()):
                writer.add_episode({c.name: source.read(c.name, i) for c in columns})
                advance(steps * length + len(columns) - steps)

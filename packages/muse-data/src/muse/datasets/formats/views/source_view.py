"""The base of every view of a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.storage.windows import Rows


class SourceView(EpisodeSource):
    """A source seen through a change; a subclass replaces what it changes.

    Args:
        base: the source below, which is closed with the view.
    """

    def __init__(self, base: EpisodeSource) -> None:
        super().__init__(base.path)
        self.base = base

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """No file is a view."""
        return False

    @property
    def lengths(self) -> Rows:
        return self.base.lengths

    def columns(self) -> list[Column]:
        return self.base.columns()

    def read(self, name: str, episode: int) -> NDArray[Any]:
        return self.base.read(name, episode)

    def unplaced(self) -> list[str]:
        return self.base.unplaced()

    @property
    def info(self) -> Mapping[str, Any]:
        return self.base.info

    @property
    def filters(self) -> Mapping[str, Sequence[int]]:
        return self.base.filters

    def spec_params(self) -> AttrDict | None:
        return self.base.spec_params()

    def close(self) -> None:
        self.base.close()

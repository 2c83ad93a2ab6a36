"""`StoreSource`: the episodes of a columnar store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.storage.windows import Rows
from muse.datasets.store.manifest import MANIFEST
from muse.datasets.store.store import Store


class StoreSource(EpisodeSource):
    """Every finished episode of a store, those still to be folded included."""

    summary: ClassVar[str] = "a columnar store of Muse: a folder with manifest.json"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.store = Store.open(path)

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return (path / MANIFEST).is_file()

    @property
    def lengths(self) -> Rows:
        return self.store.lengths

    def columns(self) -> list[Column]:
        return self.store.columns()

    def read(self, name: str, episode: int) -> NDArray[Any]:
        return self.store.read(name, episode)

    @property
    def info(self) -> Mapping[str, Any]:
        return self.store.manifest.info

    @property
    def filters(self) -> Mapping[str, Sequence[int]]:
        return {name: self.store.filter(name).tolist() for name in self.store.manifest.filters}

    def spec_params(self) -> AttrDict | None:
        params = self.store.manifest.spec
        return None if params is None else AttrDict(params)

"""What every format that can be read offers: its columns, and any episode of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.datasets.storage.windows import Rows


@dataclass(frozen=True)
class Column:
    """One key of a data set.

    Args:
        name: its name in Muse.
        source: what it is made from, in words.
        shape: of one entry.
        dtype: of one entry.
        per: whether there is an entry for each step or one for each episode.
    """

    name: str
    source: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    per: Literal["step", "episode"] = "step"

    @property
    def is_image(self) -> bool:
        """Whether entries are pictures (H, W, 3) or (H, W, 1) of uint8."""
        return self.dtype == np.uint8 and len(self.shape) == 3 and self.shape[2] in (1, 3)


class EpisodeSource(ABC):
    """Episodes of one format, read as asked for and never held all at once if it can be helped.

    `done` and `rollout_timestep` are no columns: they follow from `lengths`.

    Args:
        path: the file or folder.

    Raises:
        DataError: it is damaged or not of this format.
    """

    #: One line for `muse data import --help`.
    summary: ClassVar[str] = ""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    @abstractmethod
    def recognises(cls, path: Path) -> bool:
        """Whether `path` looks like this format, judged without reading much."""

    @property
    @abstractmethod
    def lengths(self) -> Rows:
        """Steps of each episode, (E,)."""

    @abstractmethod
    def columns(self) -> list[Column]:
        """What there is, step columns before episode columns."""

    @abstractmethod
    def read(self, name: str, episode: int) -> NDArray[Any]:
        """Return a column over one episode: (L, …), or one entry (…) of an episode column."""

    def unplaced(self) -> list[str]:
        """Keys of the source that no column is made from, each with the reason."""
        return []

    @property
    def info(self) -> Mapping[str, Any]:
        """What is known of the whole, JSON-able: `fps`, `env`, `task`, `origin` …"""
        return {}

    @property
    def filters(self) -> Mapping[str, Sequence[int]]:
        """Named subsets of the episodes, such as `train` and `valid`."""
        return {}

    def spec_params(self) -> AttrDict | None:
        """Parameters of the env spec the data were made with, with `cls`; None if unknown."""
        return None

    def close(self) -> None:  # noqa: B027 - most formats hold nothing open
        """Close what is open; closing again does nothing."""

    # -- made from these ---------------------------------------------------------------------

    def episode(self, i: int, names: Sequence[str] | None = None) -> AttrDict:
        """Return episode `i`: step columns (L, …), episode columns (…)."""
        wanted = [c.name for c in self.columns()] if names is None else names
        return AttrDict((name, self.read(name, i)) for name in wanted)

    def pieces(self, name: str, episodes: Sequence[int] | None = None) -> Iterator[NDArray[Any]]:
        """Yield a column episode by episode, in order: (L, …) each, or (1, …) an episode's entry.

        Args:
            name: the column.
            episodes: which episodes; None: all.
        """
        per_episode = {c.name: c.per == "episode" for c in self.columns()}[name]
        for i in range(len(self.lengths)) if episodes is None else episodes:
            value = self.read(name, i)
            yield np.asarray(value)[None] if per_episode else value

    def __enter__(self) -> EpisodeSource:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

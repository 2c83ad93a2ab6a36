"""Episodes as they come from files: columns, one-time values and boundaries."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.datasets.storage.windows import Rows


@dataclass
class EpisodeTable:
    """Whole episodes lying one behind the other.

    Args:
        steps: name -> (N, …), one entry a step.
        onetime: name -> (E, …), one entry an episode.
        lengths: steps of each episode, (E,).
        source: where it came from, for messages.
        files: the files it was read from, unchanged; () when it was changed or made.
    """

    steps: dict[str, NDArray[Any]]
    onetime: dict[str, NDArray[Any]]
    lengths: Rows
    source: str = "data"
    files: tuple[Path, ...] = ()
    starts: Rows = field(init=False)

    def __post_init__(self) -> None:
        self.starts = np.cumsum(self.lengths) - self.lengths

    def episode(self, index: int) -> dict[str, NDArray[Any]]:
        """Return the step columns of one episode, name -> (L, …), as views."""
        begin = int(self.starts[index])
        end = begin + int(self.lengths[index])
        return {name: column[begin:end] for name, column in self.steps.items()}


def lengths_from_done(done: NDArray[np.bool_]) -> Rows:
    """Return the episode lengths (E,) of a `done` column (N,) that ends in True."""
    return np.diff(np.flatnonzero(done), prepend=-1).astype(np.int64)


def timesteps(lengths: Rows) -> Rows:
    """Return 0 … L-1 for each episode, (N,)."""
    starts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(starts, lengths)

"""`MixtureSource`: one dataset of a mixture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets.storage.windows import Rows


class MixtureSource:
    """One dataset, whose batches come normalised by its own statistics where asked.

    Args:
        name: what the mixture calls it.
        dataset: one with `names` and `pieces`, such as a `WindowDataset` or another mixture.
        normalize_names: names to normalise, as far as it has them; they must be float.
    """

    def __init__(self, name: str, dataset: Any, normalize_names: Sequence[str]) -> None:
        if not hasattr(dataset, "names") or not hasattr(dataset, "pieces"):
            raise DataError(
                f"source {name!r} is a {type(dataset).__name__}, which does not tell its names; "
                "expected a dataset of windows or a mixture"
            )
        self.name, self.dataset = name, dataset
        self._normalized = [n for n in normalize_names if n in dataset.names]
        if self._normalized and not dataset.frozen:
            raise DataError(
                f"source {name!r} grows, so its statistics are not known; set frozen=True or leave "
                "normalize_names empty"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it has."""
        return tuple(self.dataset.names)

    @property
    def num_steps(self) -> int:
        """Steps of its episodes."""
        return sum(map(self.dataset.episode_length, range(self.dataset.get_num_episodes())))

    @property
    def pads(self) -> bool:
        """Whether its batches hold a padding mask."""
        return bool(
            self.dataset.params.get("pad_end_sequence") or self.dataset.params.get("allow_padding")
        )

    def batch(self, windows: Rows, names: Iterable[str]) -> AttrDict:
        """Return the windows' columns, as far as it has them, arrays (B, H, …)."""
        mine = [n for n in names if n in self.dataset.names]
        inputs, outputs = self.dataset.get_batch(self.dataset.window_indices(windows), names=mine)
        return self._normalize(inputs & outputs)

    def episode(self, i: int, names: Iterable[str]) -> AttrDict:
        """Return one episode's columns, as far as it has them, arrays (L, …)."""
        mine = [n for n in names if n in self.dataset.names]
        return self._normalize(self.dataset.get_episode(i, names=mine, split=False))

    def pieces(self, name: str) -> Iterator[NDArray[Any]]:
        """Yield a column piece by piece, as batches show it."""
        for piece in self.dataset.pieces(name):
            yield self._shifted(name, piece)

    def like(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Return shape and dtype of one entry of a name it has."""
        shape, dtype = self.dataset.columns.expected(name)
        if shape is None or dtype is None:  # made by a preprocessor, so not in the spec
            first = next(iter(self.pieces(name)))
            shape, dtype = first.shape[1:], first.dtype
        return shape, dtype

    def _normalize(self, data: AttrDict) -> AttrDict:
        for name in self._normalized:
            if name in data:
                data[name] = self._shifted(name, data[name])
        return data

    def _shifted(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        if name not in self._normalized:
            return values
        known = self._statistics[name]
        return ((values - known.mean) / known.std).astype(values.dtype, copy=False)

    @cached_property
    def _statistics(self) -> AttrDict:
        statistics: AttrDict = self.dataset.get_statistics(self._normalized)
        return statistics

"""Arrays with a row a step: what plain `.npz` files and folders of `.npy` files have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.columns import TIMESTEP
from muse.datasets.formats.field_source import (
    Field,
    FieldSource,
    lengths_from_ends,
    single_precision,
)
from muse.datasets.storage.table import lengths_from_done
from muse.datasets.storage.windows import Rows

FLAGS = ("done", "dones")
ENDS = "episode_ends"
#: Keys of other people that have a name of their own in Muse.
RENAMED = {"actions": "action", "rewards": "reward", "observations": "obs"}


class ArraySource(FieldSource):
    """Episodes one behind the other in named arrays, ended by `done`, `dones` or `episode_ends`.

    Args:
        path: the file or folder.
        shapes: shape and dtype of each array.
    """

    def __init__(
        self, path: Path, shapes: Mapping[str, tuple[tuple[int, ...], np.dtype[Any]]]
    ) -> None:
        super().__init__(path)
        boundary = next((k for k in (*FLAGS, ENDS) if k in shapes), None)
        if boundary is None:
            raise DataError(
                f"{path} does not say where episodes end; expected a key {', '.join(FLAGS)} or "
                f"{ENDS}; it has: {', '.join(shapes)}"
            )
        self._lengths = self._read_lengths(boundary)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._unplaced = []
        rest = {k: v for k, v in shapes.items() if k not in (boundary, TIMESTEP)}
        fields = [
            f for key, (shape, dtype) in rest.items() if (f := self._place(key, shape, dtype))
        ]
        self.keep(fields)

    @abstractmethod
    def load(self, key: str) -> NDArray[Any]:
        """Return one whole array, in memory or mapped."""

    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        array = self.load(field.key)
        if field.column.per == "episode":
            return np.asarray(array[episode])
        begin = int(self._starts[episode])
        return np.asarray(array[begin : begin + int(self._lengths[episode])])

    def _place(self, key: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Field | None:
        name, kind = RENAMED.get(key, key), single_precision(dtype)
        return self.by_rows(name, key, shape, kind)

    def _read_lengths(self, boundary: str) -> Rows:
        values = self.load(boundary).reshape(-1)
        if boundary == ENDS:
            return lengths_from_ends(values, f"{self.path}: {boundary!r}")
        done = values.astype(np.bool_)
        if not len(done) or not done[-1]:
            raise DataError(
                f"{self.path}: {boundary!r} does not end the file; set its last entry True "
                "or cut off the unfinished episode"
            )
        return lengths_from_done(done)

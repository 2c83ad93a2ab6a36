"""What most readers share: fields that say how a column is made from what a file holds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets.formats.roles import default_spec
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.storage.windows import Rows


def _same(rows: NDArray[Any]) -> NDArray[Any]:
    return rows


@dataclass(frozen=True)
class Field:
    """A column and the key of the file it is made from.

    Args:
        column: what comes out.
        key: the key in the file.
        convert: from what `key` holds, (L, …) or one entry, to the column's shape.
    """

    column: Column
    key: str
    convert: Callable[[NDArray[Any]], NDArray[Any]] = _same


class FieldSource(EpisodeSource):
    """A source whose columns are fields; a format says only how to fetch one.

    Every value that is handed out has the shape and dtype its column promises. A format fills in
    the fields, the lengths of the episodes and, by key with the reason, what it leaves out.
    """

    _fields: dict[str, Field]
    _lengths: Rows
    _unplaced: list[str]

    @abstractmethod
    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        """Return what the file holds of `field` for one episode: (L, …), or one entry."""

    @property
    def lengths(self) -> Rows:
        return self._lengths

    def unplaced(self) -> list[str]:
        return self._unplaced

    def columns(self) -> list[Column]:
        return [field.column for field in self._fields.values()]

    def read(self, name: str, episode: int) -> NDArray[Any]:
        field = self._field(name)
        try:
            value = field.convert(self.fetch(field, episode))
        except ValueError as error:
            raise DataError(f"{self.path}: {field.key!r}, episode {episode}: {error}") from error
        return self.fit(field, value, episode)

    def fit(self, field: Field, value: NDArray[Any], episode: int) -> NDArray[Any]:
        """Return `value` in the dtype of its column.

        Raises:
            DataError: its shape is not the one the column promises.
        """
        column = field.column
        steps = (int(self.lengths[episode]),) if column.per == "step" else ()
        if value.shape != (*steps, *column.shape):
            raise DataError(
                f"{self.path}: {field.key!r} of episode {episode} has shape {value.shape}, "
                f"expected {(*steps, *column.shape)} as in the other keys and episodes; the data "
                f"is damaged or mixed; leave the key out with --drop {column.name}"
            )
        return value.astype(column.dtype, copy=False)

    def keep(self, fields: Iterable[Field | None]) -> None:
        """Take over the fields that there are, those with a value a step first."""
        there = sorted((f for f in fields if f), key=lambda f: f.column.per == "episode")
        self._fields = {f.column.name: f for f in there}

    def by_rows(
        self, name: str, key: str, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> Field | None:
        """Return the field of an array with a row a step or a row an episode.

        Args:
            name: of the column.
            key: of the array in the file.
            shape: of the whole array; one that fits neither is left out, and None returned.
            dtype: of the column.
        """
        steps, episodes = int(self._lengths.sum()), len(self._lengths)
        if shape[:1] == (steps,):
            return field(name, key, shape[1:], dtype)
        if shape[:1] == (episodes,):
            return field(name, key, shape[1:], dtype, "episode")
        self._unplaced.append(
            f"{key} (shape {shape}; expected {steps} rows, one a step, or {episodes}, one an "
            "episode)"
        )
        return None

    def spec_params(self) -> AttrDict | None:
        return default_spec(self.columns())

    def _field(self, name: str) -> Field:
        if name not in self._fields:
            raise DataError(
                f"{self.path} has no column {name!r}; it has: {', '.join(self._fields) or 'none'}"
            )
        return self._fields[name]


def field(
    name: str,
    key: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    per: Literal["step", "episode"] = "step",
    convert: Callable[[NDArray[Any]], NDArray[Any]] = _same,
) -> Field:
    """Return a field whose source in words is its key."""
    return Field(Column(name, key, shape, dtype, per), key, convert)


def single_precision(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return float32 for the other floats, since models compute in it; others as they are."""
    return np.dtype(np.float32) if dtype.kind == "f" else dtype


def lengths_from_ends(ends: NDArray[Any], where: str) -> Rows:
    """Return the lengths (E,) of episodes that end before the rows `ends` (E,).

    Raises:
        DataError: `ends` does not grow.
    """
    lengths: Rows = np.diff(np.asarray(ends, np.int64).reshape(-1), prepend=0).astype(np.int64)
    if not len(lengths) or (lengths <= 0).any():
        raise DataError(
            f"{where} is empty or does not grow; expected the number of the row behind each "
            "episode; copy or download the data again"
        )
    return lengths

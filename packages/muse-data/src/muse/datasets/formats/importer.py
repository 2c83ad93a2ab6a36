"""What every importer offers: a plan that can be shown, and the data to write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, UsageError, suggest
from muse.core.params import import_object
from muse.datasets.columns import TIMESTEP
from muse.datasets.formats.npz_writer import npz_writer
from muse.datasets.storage.table import timesteps
from muse.datasets.storage.windows import Rows

#: Format name -> class, in the order in which `auto` asks them.
FORMATS = {
    "pusht_zarr": "muse.datasets.formats.pusht_zarr.PushTZarr",
    "npz": "muse.datasets.formats.plain_npz.PlainNpz",
}


@dataclass(frozen=True)
class Column:
    """One key of the data set to be written.

    Args:
        name: its name there.
        source: what it is made from, in words.
        shape: of the whole array, (N, …).
        dtype: of the whole array.
        pieces: yields the array in pieces along the first axis.
    """

    name: str
    source: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    pieces: Callable[[], Iterator[NDArray[Any]]]


class Importer(ABC):
    """Reads one foreign format.

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
        """What will be written, without `done` and the timestep."""

    @abstractmethod
    def unplaced(self) -> list[str]:
        """Keys of the source that no column is made from."""

    def all_columns(self) -> list[Column]:
        """What will be written, with `done` and `rollout_timestep`."""
        lengths = self.lengths
        done = np.zeros(int(lengths.sum()), np.bool_)
        done[np.cumsum(lengths) - 1] = True
        steps = timesteps(lengths)
        return [
            *self.columns(),
            Column("done", "episode ends", done.shape, done.dtype, lambda: iter([done])),
            Column(TIMESTEP, "counted", steps.shape, steps.dtype, lambda: iter([steps])),
        ]

    def write(self, target: Path, advance: Callable[[int], None] = lambda rows: None) -> None:
        """Write the `.npz`, atomically; `advance(rows)` is called as rows are written."""
        with npz_writer(target) as writer:
            for column in self.all_columns():
                pieces = _counted(column.pieces(), advance)
                writer.write_pieces(column.name, column.dtype, column.shape, pieces)


def open_importer(path: Path, name: str = "auto") -> Importer:
    """Return the importer of format `name`, or the first that recognises `path`.

    Raises:
        DataError: nothing is there, or no format fits.
    """
    if not path.exists():
        beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"{path} not found; expected a file or folder to import.{suggest(path.name, beside)}"
        )
    if name != "auto":
        if name not in FORMATS:
            raise UsageError(
                f"no format {name!r}; expected auto or one of {', '.join(FORMATS)}."
                f"{suggest(name, FORMATS)}"
            )
        cls: type[Importer] = import_object(FORMATS[name])
        return cls(path)
    for target in FORMATS.values():
        cls = import_object(target)
        if cls.recognises(path):
            return cls(path)
    raise DataError(
        f"{path} is of no format known here; expected one of {', '.join(FORMATS)}; name it with "
        "--format if it is one of them"
    )


def _counted(
    pieces: Iterator[NDArray[Any]], advance: Callable[[int], None]
) -> Iterator[NDArray[Any]]:
    for piece in pieces:
        yield piece
        advance(len(piece))

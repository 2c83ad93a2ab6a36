"""Reading the Zarr layout of Diffusion Policy's replay buffers (Chi et al. 2023)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, MissingExtraError, message_line
from muse.datasets.formats.array_source import RENAMED
from muse.datasets.formats.field_source import (
    Field,
    FieldSource,
    field,
    lengths_from_ends,
    single_precision,
)

_META = "meta/"
_MOST_DEPTH = 16
_MOST_CHUNK = 1 << 30  # bytes of one chunk, unpacked


class DiffusionZarr(FieldSource):
    """A Zarr folder (format 2 or 3): `data/<key>` with a row a step, and `meta/episode_ends`.

    Float images that hold whole numbers of 0 to 255 stay floats: only the Push-T set, whose layout
    is known, is turned into uint8.
    """

    summary: ClassVar[str] = "Diffusion Policy's Zarr, data/* and meta/episode_ends (extra zarr)"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            import zarr
        except ImportError:
            raise MissingExtraError("reading Zarr", "muse-data", "zarr") from None
        try:
            group: Any = zarr.open_group(str(path), mode="r")
            self._data: dict[str, Any] = {
                name: array
                for name, array in _arrays(group["data"])
                if not _refuse_large(name, array)
            }
            self._meta: dict[str, Any] = {
                name: array
                for name, array in _arrays(group["meta"])
                if name != "episode_ends" and not _refuse_large(name, array)
            }
            ends = group["meta/episode_ends"]
            _refuse_large("episode_ends", ends)
            self._lengths = lengths_from_ends(ends[:], f"{path}: meta/episode_ends")
        except DataError:
            raise
        except Exception as error:  # zarr raises its own kinds, which differ between versions
            raise DataError(
                f"{path} is no Zarr folder of this layout ({type(error).__name__}: "
                f"{message_line(error)}); expected arrays data/* and meta/episode_ends; copy or "
                "download it again"
            ) from error
        self._starts = np.cumsum(self._lengths) - self._lengths
        self.keep(self.place())

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return (path / "meta" / "episode_ends").is_dir() and (path / "data").is_dir()

    @property
    def arrays(self) -> list[str]:
        """Names of the arrays below `data/`."""
        return list(self._data)

    def array_shape(self, key: str) -> tuple[int, ...] | None:
        """Return the shape of `data/<key>`, None when there is no such array."""
        return tuple(self._data[key].shape) if key in self._data else None

    def place(self) -> list[Field]:
        """Return the fields; here every array with a row a step, or in `meta` an episode."""
        steps = [
            field(RENAMED.get(k, k), k, tuple(a.shape[1:]), single_precision(np.dtype(a.dtype)))
            for k, a in self._data.items()
            if self._has_rows(a, int(self._lengths.sum()))
        ]
        once = [
            field(k, _META + k, tuple(a.shape[1:]), single_precision(np.dtype(a.dtype)), "episode")
            for k, a in self._meta.items()
            if self._has_rows(a, len(self._lengths))
        ]
        return steps + once

    def unplaced(self) -> list[str]:
        groups = (
            ("data", self._data, int(self._lengths.sum())),
            ("meta", self._meta, len(self._lengths)),
        )
        return [
            f"{group}/{k} (shape {tuple(a.shape)} of {a.dtype}; expected {rows} rows)"
            for group, arrays, rows in groups
            for k, a in arrays.items()
            if not self._has_rows(a, rows)
        ]

    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        begin = int(self._starts[episode])
        end = begin + int(self._lengths[episode])
        try:
            if field.column.per == "episode":
                return np.asarray(self._meta[field.key.removeprefix(_META)][episode])
            return np.asarray(self._data[field.key][begin:end])
        except Exception as error:  # each codec has its own kinds
            raise DataError(
                f"{self.path}: data/{field.key} cannot be read from row {begin} on "
                f"({message_line(error)}); the folder is damaged; copy or download it again"
            ) from error

    @staticmethod
    def _has_rows(array: Any, rows: int) -> bool:
        return tuple(array.shape[:1]) == (rows,) and np.dtype(array.dtype).kind in "fiubUS"


def _arrays(group: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of a group and of those in it, by name."""
    if depth > _MOST_DEPTH:
        raise ValueError(f"groups nested more than {_MOST_DEPTH} deep")
    for name, array in sorted(group.arrays(), key=lambda item: item[0]):
        yield prefix + name, array
    for name, inner in sorted(group.groups(), key=lambda item: item[0]):
        yield from _arrays(inner, f"{prefix}{name}/", depth + 1)


def _refuse_large(name: str, array: Any) -> bool:
    """Raise a ValueError for a chunk that only a bomb would have; return False."""
    size = int(np.prod(array.chunks, dtype=np.float64)) * np.dtype(array.dtype).itemsize
    if size > _MOST_CHUNK:
        raise ValueError(f"a chunk of {name} has {size} bytes, expected at most {_MOST_CHUNK}")
    return False

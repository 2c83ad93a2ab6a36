"""Reading HDF5 files, trusting nothing in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, message_line, suggest
from muse.datasets.formats.hdf5_probe import refuse_deadly

T = TypeVar("T")

_MOST_RATIO = 1100  # deflate cannot do better than 1032 : 1, the other filters do less
_FREE = 1 << 16  # bytes that may come out of nothing, such as a short array of zeros
_MOST_DEPTH = 16
_MOST_ATTRIBUTE = 1 << 26  # bytes; a simulator's model is a few hundred thousand


class Hdf5Reader:
    """An open HDF5 file of groups, arrays and attributes; arrays are read piece by piece.

    What would lead out of the file (soft and external links, external storage, virtual arrays) is
    refused, and so are arrays of a size that cannot come out of the bytes the file holds for them.

    Args:
        path: the file.
        is_sound: skip the walk through the file by `hdf5_probe`; for a glance at names alone.

    Raises:
        DataError: it is missing, damaged or no HDF5.
    """

    def __init__(self, path: Path, is_sound: bool = False) -> None:
        self.path = path
        if not is_sound:
            refuse_deadly(path)
        self._checked: dict[str, Any] = {}
        try:
            self._file: Any = h5py.File(path, "r")
        except Exception as error:
            raise DataError(
                f"{path} is not a readable HDF5 file ({message_line(error)}); it is truncated or "
                "of another format; copy or save it again"
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._checked.clear()
        self._file.close()

    def __contains__(self, key: str) -> bool:
        head, _, tail = key.rpartition("/")
        return (not head or head in self) and tail in self.children(head)

    def children(self, group: str = "") -> list[str]:
        """Return the names of what lies in a group, none for an array."""

        def names() -> list[str]:
            found = self._resolve(group)
            return _names(found) if isinstance(found, h5py.Group) else []

        return self._guarded(group, names)

    def arrays(self, group: str = "") -> list[str]:
        """Return the keys of all arrays below a group, relative to it, `a/b` for nested ones."""
        return self._guarded(group, lambda: list(self._walk(group, "", 0)))

    def shape(self, key: str) -> tuple[int, ...]:
        """Return the shape of an array."""
        return tuple(self._guarded(key, lambda: self._array(key).shape))

    def dtype(self, key: str) -> np.dtype[Any]:
        """Return the dtype of an array; that of strings and of vlen bytes is `object`."""
        dtype: np.dtype[Any] = self._guarded(key, lambda: self._array(key).dtype)
        return dtype

    def read(self, key: str, begin: int | None = None, end: int | None = None) -> NDArray[Any]:
        """Return rows of an array, all of them by default; strings as `str`."""

        def rows() -> NDArray[Any]:
            array = self._array(key)
            if array.shape == ():
                return np.asarray(array[()])
            if h5py.check_string_dtype(array.dtype) is not None:
                return np.asarray(array.asstr()[begin:end], np.str_)
            return np.asarray(array[begin:end])

        return self._guarded(key, rows)

    def offset(self, key: str) -> int | None:
        """Return where in the file an array lies as it is; None if it is in pieces or encoded."""

        def place() -> int | None:
            array = self._array(key)
            offset: int | None = array.id.get_offset()
            if offset is None or not array.dtype.isnative:
                return None
            offset += int(self._file.userblock_size)
            size = math.prod(array.shape) * array.dtype.itemsize
            return offset if offset + size <= self.path.stat().st_size else None

        return self._guarded(key, place)

    def has_attribute(self, key: str, name: str) -> bool:
        """Whether a group or array has an attribute, which is not read."""
        return self._guarded(key, lambda: name in self._resolve(key).attrs)

    def attributes(self, key: str = "") -> dict[str, Any]:
        """Return the attributes of a group or array that are text or numbers."""

        def plain() -> dict[str, Any]:
            attributes = self._resolve(key).attrs
            return {n: v for n in attributes if (v := self._attribute(attributes, n)) is not None}

        return self._guarded(key, plain)

    # -- below -------------------------------------------------------------------------------

    def _attribute(self, attributes: Any, name: str) -> Any:
        handle = attributes.get_id(name)
        if handle.get_storage_size() > _MOST_ATTRIBUTE:
            raise ValueError(f"attribute {name!r} has {handle.get_storage_size()} bytes")
        value = attributes[name]
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        if isinstance(value, (np.generic, np.ndarray)) and value.dtype.kind in "fiub":
            return value.item() if value.ndim == 0 else value.tolist()
        return value if isinstance(value, str) else None

    def _resolve(self, key: str) -> Any:
        """Return the group or array at `key`, following hard links alone."""
        here: Any = self._file
        for part in (p for p in key.split("/") if p):
            if not isinstance(here, h5py.Group) or part not in here:
                there = list(here) if isinstance(here, h5py.Group) else []
                raise DataError(
                    f"{self.path} has no {key!r}; {here.name!r} holds: "
                    f"{', '.join(there[:20]) or 'nothing'}.{suggest(part, there)}"
                )
            link = here.get(part, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise DataError(
                    f"{self.path}: {here.name.rstrip('/')}/{part} is a link to elsewhere, which "
                    "is not followed; copy the file with h5repack, or save it without links"
                )
            here = here[part]
        return here

    def _walk(self, group: str, prefix: str, depth: int) -> Iterator[str]:
        if depth > _MOST_DEPTH:
            raise ValueError(f"groups nested more than {_MOST_DEPTH} deep")
        for name in _names(self._resolve(f"{group}/{prefix}")):
            child = self._resolve(f"{group}/{prefix}{name}")
            if isinstance(child, h5py.Dataset):
                yield prefix + name
            elif isinstance(child, h5py.Group):
                yield from self._walk(group, f"{prefix}{name}/", depth + 1)

    def _array(self, key: str) -> Any:
        if key not in self._checked:
            array = self._resolve(key)
            if not isinstance(array, h5py.Dataset):
                raise DataError(f"{self.path}: {key!r} is a group, expected an array")
            if array.is_virtual or array.external:
                raise DataError(
                    f"{self.path}: {key!r} keeps its data in other files, which are not read; "
                    "copy the file with h5repack"
                )
            _check_size(array)
            self._checked[key] = array
        return self._checked[key]

    def _guarded(self, key: str, action: Callable[[], T]) -> T:
        try:
            return action()
        except DataError:
            raise
        except Exception as error:  # HDF5 has many kinds, and none of its own
            raise DataError(
                f"{self.path}: {key or '/'!r} is damaged ({message_line(error)[:160]}); copy or "
                "save the file again"
            ) from error


def _names(group: Any) -> list[str]:
    names = list(group)
    if not all(isinstance(name, str) for name in names):  # bytes where they are not UTF-8
        raise ValueError(f"a name in {group.name!r} is no text")
    return names


def _check_size(array: Any) -> None:
    """Raise a ValueError for an array that is larger than its bytes in the file allow."""
    dtype = array.dtype
    is_text = h5py.check_string_dtype(dtype) is not None
    if not is_text and dtype.kind not in "fiub" and h5py.check_vlen_dtype(dtype) != np.uint8:
        raise ValueError(f"it holds {dtype}, expected numbers or text")
    allowed = array.id.get_storage_size() * _MOST_RATIO + _FREE
    sizes = [math.prod(array.shape) * dtype.itemsize]
    if array.chunks:
        sizes.append(math.prod(array.chunks) * dtype.itemsize)
    if max(sizes) > allowed:
        raise ValueError(
            f"shape {array.shape} of {dtype} needs {max(sizes)} bytes, which cannot come out of "
            f"{array.id.get_storage_size()}"
        )

"""Reading `.npz` files key by key, trusting nothing in them."""

from __future__ import annotations

import math
import os
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from muse.core.errors import DataError, message_line, suggest
from muse.datasets.formats.legacy_pickle import plain_array

_CHUNK = 1 << 20
_DEFLATE_MAX_RATIO = 1100  # deflate cannot do better than 1032 : 1
_MAX_HEADER = 10_000
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, KeyError, TypeError,
    NotImplementedError, RuntimeError, OverflowError, SyntaxError, MemoryError, RecursionError,
    tokenize.TokenError,  # what numpy makes of a header that is no Python
)  # fmt: skip


class Header:
    """What a `.npz` member says of its array: shape, dtype, order."""

    def __init__(self, shape: tuple[int, ...], fortran: bool, dtype: np.dtype[Any]) -> None:
        self.shape, self.fortran, self.dtype = shape, fortran, dtype

    @property
    def data_bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


class NpzReader:
    """An open `.npz` file; arrays are read when asked for, one at a time.

    Nothing is unpickled, and no memory is taken for an array before its declared size was checked
    against the file and this machine.

    Args:
        path: the file.
        allow_legacy_pickle: read object arrays of plain values by `legacy_pickle`.

    Raises:
        DataError: it is missing, no zip archive, or damaged.
    """

    def __init__(self, path: str | os.PathLike[str], allow_legacy_pickle: bool = False) -> None:
        self.path = Path(path)
        self._allow_legacy_pickle = allow_legacy_pickle
        if not self.path.exists():
            raise missing_file(self.path, [self.path])
        if self.path.is_dir():
            raise DataError(f"{self.path} is a folder; expected a .npz file; name a file in it")
        try:
            self._zip = zipfile.ZipFile(self.path)
            self._members = {
                info.filename[: -len(".npy")]: info
                for info in self._zip.infolist()
                if info.filename.endswith(".npy")
            }
        except _DAMAGE as error:
            raise DataError(
                f"{self.path} is not a readable .npz file ({_reason(error)}); it is truncated or "
                "of another format; copy or save it again"
            ) from error
        self._headers: dict[str, Header] = {}

    def __enter__(self) -> NpzReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    @property
    def keys(self) -> list[str]:
        """Names of the arrays, `a/b` for nested ones, in file order."""
        return list(self._members)

    def __contains__(self, key: object) -> bool:
        return key in self._members

    def header(self, key: str) -> Header:
        """Return shape and dtype of `key` without reading its data.

        Raises:
            DataError: no such key, an object array, or a header that cannot be true.
        """
        if key not in self._headers:
            self._headers[key] = self._guarded(key, lambda: self._read_header(key))
        return self._headers[key]

    def read(self, key: str) -> NDArray[Any]:
        """Return the array `key`, checksum verified."""
        header = self.header(key)
        array: NDArray[Any] = self._guarded(key, lambda: self._read(key, header))
        return array

    def pieces(self, key: str, sizes: Iterable[int]) -> Iterator[NDArray[Any]]:
        """Yield the array `key` in pieces of `sizes` rows, (size, …) each, holding one at a time.

        The sizes must add up to all rows: the checksum is verified at the end.
        """
        header = self.header(key)
        if header.fortran or header.dtype.hasobject:
            yield from np.split(self.read(key), np.cumsum(list(sizes))[:-1])
            return
        pieces = self._stream(key, header, sizes)
        while (piece := self._guarded(key, lambda: next(pieces, None))) is not None:
            yield piece

    def _stream(self, key: str, header: Header, sizes: Iterable[int]) -> Iterator[NDArray[Any]]:
        with self._zip.open(self._members[key]) as stream:
            _parse_header(stream)
            for size in sizes:
                piece = np.empty((size, *header.shape[1:]), header.dtype)
                _fill(stream, piece)
                yield piece
            if stream.read(1):  # also makes zipfile compare the checksum
                raise ValueError("more data than declared")

    def _read_header(self, key: str) -> Header:
        if key not in self._members:
            raise DataError(
                f"{self.path} has no key {key!r}; it has: {', '.join(self.keys) or 'none'}."
                f"{suggest(key, self.keys)}"
            )
        info = self._members[key]
        with self._zip.open(info) as stream:
            header = _parse_header(stream)
            begin = stream.tell()
        if any(size < 0 for size in header.shape):
            raise ValueError(f"shape {header.shape}")
        if header.dtype.hasobject and not self._allow_legacy_pickle:
            raise DataError(
                f"{self.path}: key {key!r} is an object array, which only unpickling could read, "
                "and that may run code; save it as numbers or strings, leave it out, or read "
                "plain values out of it with --allow-legacy-pickle"
            )
        if not header.dtype.hasobject and begin + header.data_bytes != info.file_size:
            raise ValueError(
                f"shape {header.shape} of {header.dtype} needs {header.data_bytes} bytes, "
                f"the file declares {info.file_size - begin}"
            )
        if info.file_size > max(info.compress_size, 64) * _DEFLATE_MAX_RATIO:
            raise ValueError(
                f"{info.file_size} bytes cannot come out of {info.compress_size} compressed ones"
            )
        limit = physical_memory()
        if limit and header.data_bytes > limit:
            raise DataError(
                f"{self.path}: key {key!r} has {header.data_bytes / 2**30:.1f} GiB, this machine "
                f"{limit / 2**30:.1f} GiB of memory; leave it out with load_ignore_prefixes or "
                "split the file"
            )
        return header

    def _read(self, key: str, header: Header) -> NDArray[Any]:
        if header.dtype.hasobject:
            with self._zip.open(self._members[key]) as stream:
                _parse_header(stream)
                return plain_array(stream.read(), header.shape)
        flat = np.empty(math.prod(header.shape), header.dtype)
        with self._zip.open(self._members[key]) as stream:
            _parse_header(stream)
            _fill(stream, flat)
            if stream.read(1):  # also makes zipfile compare the checksum
                raise ValueError("more data than declared")
        if not header.fortran:
            return flat.reshape(header.shape)
        return np.ascontiguousarray(flat.reshape(header.shape, order="F"))

    def _guarded(self, key: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except DataError:
            raise
        except _DAMAGE as error:
            raise DataError(
                f"{self.path}: key {key!r} is damaged ({_reason(error)}); copy or save the file "
                "again"
            ) from error


def missing_file(name: str | os.PathLike[str], tried: list[Path]) -> DataError:
    """Return the error for a data file that is in none of the places `tried`."""
    there = sorted({p.name for place in tried for p in _files_beside(place)})
    near = suggest(Path(name).name, there)
    if not near and there:
        near = f" There: {', '.join(there[:5])}{', …' if len(there) > 5 else ''}."
    return DataError(
        f"data file {os.fspath(name)!r} not found; looked at "
        f"{', '.join(str(p.absolute()) for p in dict.fromkeys(tried))}; check the name, or set "
        f"MUSE_DIR to the folder that holds data/.{near}"
    )


def physical_memory() -> int:
    """Return the bytes of memory of this machine, 0 when unknown."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0


def _files_beside(path: Path) -> list[Path]:
    try:
        return [p for p in path.parent.iterdir() if p.suffix == ".npz" and p.name[0] != "."]
    except OSError:
        return []


def _parse_header(stream: Any) -> Header:
    version = npy.read_magic(stream)
    if version == (1, 0):
        return Header(*npy.read_array_header_1_0(stream, max_header_size=_MAX_HEADER))
    if version == (2, 0):
        return Header(*npy.read_array_header_2_0(stream, max_header_size=_MAX_HEADER))
    raise ValueError(f"npy version {version} is not known")


def _fill(stream: Any, target: NDArray[Any]) -> None:
    if target.nbytes == 0:
        return
    view = target.reshape(-1).view(np.uint8).data
    done = 0
    while done < len(view):
        piece = stream.read(min(_CHUNK, len(view) - done))
        if not piece:
            raise EOFError(f"data end after {done} of {len(view)} bytes")
        view[done : done + len(piece)] = piece
        done += len(piece)


def _reason(error: BaseException) -> str:
    return message_line(error)[:160]

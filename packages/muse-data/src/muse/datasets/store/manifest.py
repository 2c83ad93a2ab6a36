"""`Manifest`: what a store holds; the single point of truth, written last."""

from __future__ import annotations

import json
import math
import re
import stat
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.errors import DataError
from muse.datasets.formats.source import Column
from muse.datasets.store.column_file import CODECS, ColumnFile, StoredColumn
from muse.experiments import atomic

MANIFEST = "manifest.json"
FORMAT = "muse-store"
VERSION = 1
_MOST_BYTES = 64 << 20  # a million episodes with random subsets need a few MiB
_FOLDER = re.compile(r"columns/\d{1,9}")
_FILE = re.compile(r"[A-Za-z0-9_.~%-]{1,240}\.(raw|records|jpeg|video)")
_DTYPE = re.compile(r"[<|][biufcSU]\d{1,6}")
_LIMIT = 1 << 62
_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "text"}


@dataclass(frozen=True)
class Manifest:
    """The contents of `manifest.json`.

    Args:
        folder: the folder of columns, `columns/<generation>`; a store written anew gets a new one.
        files: every array file in it.
        episodes: whole episodes in the files; bytes behind them are not part of the store.
        steps: steps of these.
        ends_crc32: checksum of `episode_ends.i64`, where each episode ends (int64).
        spec: parameters of the env spec, with `cls`; None if unknown.
        info: what else is known, JSON-able.
        filters: named subsets of the episodes, as ranges [begin, end).
        salvaged: episodes that a crash cut short.
    """

    folder: str
    files: tuple[ColumnFile, ...]
    episodes: int = 0
    steps: int = 0
    ends_crc32: int = 0
    spec: Mapping[str, Any] | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    salvaged: tuple[int, ...] = ()

    def columns(self) -> list[Column]:
        """Return the columns, those of steps first."""
        return [
            Column(c.name, f"{self.folder}/{f.file}", c.shape, c.dtype, f.per)
            for per in ("step", "episode")
            for f in self.files
            if f.per == per
            for c in f.columns
        ]

    def rows(self, file: ColumnFile) -> int:
        """Return how many rows a file has."""
        return self.steps if file.per == "step" else self.episodes

    def write(self, store: Path) -> None:
        """Put this manifest in place of the one there is, atomically."""
        files = [
            {
                "file": f.file,
                "per": f.per,
                "codec": f.codec,
                "row_bytes": f.row_bytes,
                "data_bytes": f.data_bytes,
                "frames": f.frames,
                "quality": f.quality,
                "columns": [
                    {
                        "name": c.name,
                        "dtype": c.dtype.str,
                        "shape": list(c.shape),
                        "offset": c.offset,
                    }
                    for c in f.columns
                ],
            }
            for f in self.files
        ]
        value = {"format": FORMAT, "version": VERSION, **vars(self), "files": files}
        # Through JSON once, so that the checksum is of what a reader will see.
        value = json.loads(json.dumps(value, default=_plain))
        atomic.write_json(store / MANIFEST, {**value, "crc32": _checksum(value)})

    @classmethod
    def read(cls, store: Path) -> Manifest:
        """Return the manifest of the store in the folder `store`.

        Raises:
            DataError: there is none, it is damaged, or of a version not known here.
        """
        path = store / MANIFEST
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
                raise DataError(
                    f"{path} is no file of at most {_MOST_BYTES >> 20} MiB; it is damaged"
                )
            value = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise _no_store(store) from None
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(
                f"{path} cannot be read ({str(error)[:120]}); expected the manifest of a store; "
                "restore it from a copy"
            ) from error
        return _Parser(path).manifest(value)

    def grown(self, **changes: Any) -> Manifest:
        """Return a manifest with other values."""
        return replace(self, **changes)


class _Parser:
    """Turns JSON that anyone may have written into a manifest, trusting nothing in it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def manifest(self, value: Any) -> Manifest:
        value = self._typed(value, dict, "the whole")
        self._check_version(value)
        if value.pop("crc32", None) != _checksum(value):
            raise DataError(
                f"{self._path} does not match its checksum: it is damaged or was edited by hand; "
                "restore it from a copy"
            )
        episodes, steps = self._count(value, "episodes"), self._count(value, "steps")
        files = tuple(self._file(each) for each in self._get(value, "files", list))
        if not any(f.per == "step" for f in files):
            raise self._error("files", len(files), "one at least with a row for each step")
        names = [c.name for f in files for c in f.columns]
        if len(set(names)) < len(names) or len({f.file for f in files}) < len(files):
            raise self._error("files", "the same name twice", "each column and file once")
        spec = value.get("spec")
        return Manifest(
            folder=self._matching(value, "folder", _FOLDER),
            files=files,
            episodes=episodes,
            steps=steps,
            ends_crc32=self._count(value, "ends_crc32"),
            spec=None if spec is None else self._typed(spec, dict, "spec"),
            info=self._get(value, "info", dict),
            filters={n: self._ranges(r, episodes) for n, r in self._filters(value)},
            salvaged=tuple(
                self._int(n, "salvaged", episodes - 1) for n in self._get(value, "salvaged", list)
            ),
        )

    def _check_version(self, value: Mapping[str, Any]) -> None:
        if value.get("format") != FORMAT:
            raise self._error("format", value.get("format"), repr(FORMAT))
        version = value.get("version")
        if version != VERSION:
            raise DataError(
                f"{self._path}: schema version {version!r}, expected {VERSION}; "
                "it was written by another version of Muse: read it with that one, or update Muse"
            )

    def _file(self, value: Any) -> ColumnFile:
        value = self._typed(value, dict, "a file")
        name = self._matching(value, "file", _FILE)
        per, codec = value.get("per"), value.get("codec")
        if per not in ("step", "episode") or codec not in CODECS:
            raise self._error(f"{name}: per and codec", (per, codec), "those of a column file")
        columns = tuple(self._column(each) for each in self._get(value, "columns", list))
        file = ColumnFile(
            name,
            per,
            codec,
            self._count(value, "row_bytes"),
            columns,
            self._count(value, "data_bytes"),
            self._count(value, "frames"),
            self._int(value.get("quality"), "quality", 95),
        )
        over = any(c.offset + c.nbytes > file.row_bytes for c in columns)
        if not columns or file.row_bytes < 1 or over:
            raise self._error(f"{name}: row_bytes", file.row_bytes, "room for its columns")
        if file.is_encoded and not self._is_image_file(file):
            raise self._error(f"{name}: codec", codec, "one uint8 image (H, W, 1 or 3) a row")
        return file

    @staticmethod
    def _is_image_file(file: ColumnFile) -> bool:
        (column, *others) = file.columns
        like = Column(column.name, "", column.shape, column.dtype, file.per)
        sound = like.is_image and not others and 0 < file.row_bytes == column.nbytes <= 1 << 30
        pieces = 1 <= file.frames <= 1 << 10 if file.codec == "video" else file.frames == 0
        pieces = pieces and file.frames * file.row_bytes <= 1 << 31
        return sound and pieces and file.per == "step" and file.quality > 0

    def _column(self, value: Any) -> StoredColumn:
        value = self._typed(value, dict, "a column")
        name = self._get(value, "name", str)
        if not name or not all(name.split("/")):
            raise self._error("column name", name, "a path such as 'a/b'")
        shape = tuple(self._int(n, "shape") for n in self._get(value, "shape", list))
        dtype = np.dtype(self._matching(value, "dtype", _DTYPE))
        if len(shape) > 16 or math.prod(shape) * dtype.itemsize > 1 << 40:
            raise self._error(f"{name}: shape", shape, "that of one entry")
        return StoredColumn(name, dtype, shape, self._count(value, "offset"))

    def _filters(self, value: Mapping[str, Any]) -> list[tuple[str, Any]]:
        return list(self._get(value, "filters", dict).items())

    def _ranges(self, value: Any, episodes: int) -> tuple[tuple[int, int], ...]:
        ranges, last = [], 0
        for pair in self._typed(value, list, "a filter"):
            pair = self._typed(pair, list, "a range")
            if len(pair) != 2:
                raise self._error("a range", pair, "[begin, end)")
            begin, end = (self._int(n, "a range", episodes) for n in pair)
            if not last <= begin < end:
                raise self._error("a filter's ranges", (begin, end), "growing [begin, end)")
            ranges.append((begin, end))
            last = end
        return tuple(ranges)

    # -- single values -----------------------------------------------------------------------

    def _get(self, value: Mapping[str, Any], key: str, kind: type) -> Any:
        return self._typed(value.get(key), kind, key)

    def _count(self, value: Mapping[str, Any], key: str) -> int:
        return self._int(value.get(key), key)

    def _int(self, value: Any, what: str, most: int = _LIMIT) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise self._error(what, value, f"a whole number of 0 to {most}")
        return value

    def _matching(self, value: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
        text = self._get(value, key, str)
        if not pattern.fullmatch(text):
            raise self._error(key, text, f"a name like {pattern.pattern}")
        return str(text)

    def _typed(self, value: Any, kind: type, what: str) -> Any:
        if not isinstance(value, kind):
            raise self._error(what, value, _KINDS[kind])
        return value

    def _error(self, what: str, got: Any, expected: str) -> DataError:
        return DataError(
            f"{self._path} is damaged: {what} is {repr(got)[:80]}, expected {expected}; restore it "
            "from a copy"
        )


def _checksum(value: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(value, sort_keys=True).encode())


def _plain(value: Any) -> Any:
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _no_store(store: Path) -> DataError:
    if not store.exists():
        return DataError(f"{store} not found; expected the folder of a store; check the name")
    return DataError(
        f"{store} has no {MANIFEST}; expected the folder of a store; it is of another format, or "
        "its writing never finished: write it again"
    )


def as_ranges(episodes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return the ranges [begin, end) that make up a set of episodes."""
    numbers = np.unique(np.asarray(episodes, np.int64))
    if not len(numbers):
        return ()
    breaks = np.flatnonzero(np.diff(numbers) > 1)
    begins = numbers[np.concatenate([[0], breaks + 1])]
    ends = numbers[np.concatenate([breaks, [len(numbers) - 1]])] + 1
    return tuple(zip(begins.tolist(), ends.tolist(), strict=True))

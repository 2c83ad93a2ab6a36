"""Segments: steps of an episode being recorded, each one whole on the disk or recognisably torn.

A log is a row of segments: a header with checksums, then `count` entries of every step column in
the order of the manifest, then for every episode column a byte that says whether it is known yet,
and its entry.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.datasets.formats.source import Column

_MAGIC = b"MSEG"
_HEADER = struct.Struct("<4sIQQI")  # magic, steps, first step, payload bytes, payload's CRC-32
_CRC = struct.Struct("<I")  # of the header
HEADER_BYTES = _HEADER.size + _CRC.size


@dataclass(frozen=True)
class Segment:
    """A segment of a log: where its payload begins, and what it says of itself."""

    begin: int
    first: int
    count: int
    size: int
    crc: int


def pack(
    columns: Sequence[Column],
    steps: Mapping[str, NDArray[Any]],
    onetime: Mapping[str, NDArray[Any]],
    first: int,
) -> list[bytes | memoryview]:
    """Return the parts of a segment, one behind the other."""
    parts: list[bytes | memoryview] = []
    count = 0
    for column in columns:
        if column.per == "step":
            count = len(steps[column.name])
            parts.append(_bytes(steps[column.name], column))
        elif column.name in onetime:
            parts += [b"\1", _bytes(onetime[column.name], column)]
        else:
            parts += [b"\0", bytes(_entry_bytes(column))]
    crc, size = 0, 0
    for part in parts:
        crc, size = zlib.crc32(part, crc), size + len(part)
    header = _HEADER.pack(_MAGIC, count, first, size, crc)
    return [header, _CRC.pack(zlib.crc32(header)), *parts]


def scan(log: Path, columns: Sequence[Column]) -> tuple[list[Segment], int]:
    """Return the segments of a log that are there in full length, and the bytes behind them.

    Payloads are not read: `read_payload` compares their checksums.
    """
    per_step = sum(_entry_bytes(c) for c in columns if c.per == "step")
    once = sum(1 + _entry_bytes(c) for c in columns if c.per == "episode")
    found: list[Segment] = []
    with open(log, "rb") as handle:
        size, position, steps = os.fstat(handle.fileno()).st_size, 0, 0
        while position + HEADER_BYTES <= size:
            handle.seek(position)
            header, crc = handle.read(_HEADER.size), handle.read(_CRC.size)
            magic, count, first, payload, payload_crc = _HEADER.unpack(header)
            begin = position + HEADER_BYTES
            sound = magic == _MAGIC and _CRC.unpack(crc)[0] == zlib.crc32(header)
            fits = first == steps and payload == count * per_step + once and per_step > 0
            if not (sound and fits and begin + payload <= size):
                break
            found.append(Segment(begin, first, count, payload, payload_crc))
            position, steps = begin + payload, steps + count
    return found, size - position


def unpack(
    payload: NDArray[np.uint8], columns: Sequence[Column], count: int
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Return the step columns (n, …) and the known episode columns (…) of a segment, as views."""
    steps, onetime, position = {}, {}, 0
    for column in columns:
        size = _entry_bytes(column)
        if column.per == "step":
            steps[column.name] = _typed(payload[position : position + count * size], column, count)
            position += count * size
        else:
            if payload[position]:
                entry = payload[position + 1 : position + 1 + size]
                onetime[column.name] = _typed(entry, column, 1).reshape(column.shape)
            position += 1 + size
    return steps, onetime


def read_payload(handle: int, segment: Segment) -> NDArray[np.uint8] | None:
    """Return the payload of a segment, None when it does not match its checksum."""
    data = np.frombuffer(os.pread(handle, segment.size, segment.begin), np.uint8)
    whole = len(data) == segment.size and zlib.crc32(data.data) == segment.crc
    return data if whole else None


def _entry_bytes(column: Column) -> int:
    return int(np.prod(column.shape, dtype=np.int64)) * column.dtype.itemsize


def _bytes(array: NDArray[Any], column: Column) -> memoryview:
    flat = np.ascontiguousarray(array, column.dtype).reshape(-1)
    return flat.view(np.uint8).data if flat.size else memoryview(b"")


def _typed(data: NDArray[np.uint8], column: Column, count: int) -> NDArray[Any]:
    if not data.size:
        return np.empty((count, *column.shape), column.dtype)
    return np.frombuffer(data.tobytes(), column.dtype).reshape(count, *column.shape)

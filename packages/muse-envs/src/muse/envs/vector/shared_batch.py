"""Named arrays (N, ...) in memory that several processes share."""

from __future__ import annotations

import ctypes
import multiprocessing
from collections.abc import Mapping
from typing import Any

import numpy as np

from muse.core.errors import EnvError

_ALIGNMENT = 64


class SharedBatch:
    """One block of shared memory cut into arrays; passed to a worker when it starts.

    Args:
        layout: name -> (shape with the batch dimension, dtype).
        start_method: the start method of the processes that will share it.
    """

    def __init__(
        self, layout: Mapping[str, tuple[tuple[int, ...], np.dtype]], start_method: str
    ) -> None:
        self._entries: list[tuple[str, tuple[int, ...], str, int]] = []
        offset = 0
        for name, (shape, dtype) in layout.items():
            if dtype.hasobject:
                raise EnvError(f"{name!r} has dtype {dtype}; only numbers can be shared")
            self._entries.append((name, shape, dtype.str, offset))
            size = int(np.prod(shape)) * dtype.itemsize
            offset += -(-size // _ALIGNMENT) * _ALIGNMENT
        context = multiprocessing.get_context(start_method)
        self._memory: Any = context.RawArray(ctypes.c_byte, max(offset, 1))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays; writing to them is seen by every process."""
        return {
            name: np.ndarray(shape, np.dtype(dtype), buffer=self._memory, offset=offset)
            for name, shape, dtype, offset in self._entries
        }

"""Shuffled orders of any length that take no memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from muse.core.splitmix import splitmix

_ROUNDS = 6
_U = np.uint64


class Permutation:
    """A random order of 0 … size-1, computed element by element.

    A balanced Feistel network over the next even power of two, walked on until it lands below
    `size` (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002), with `splitmix`
    as its round function. So one epoch of a billion windows needs no array of a billion numbers.

    Args:
        size: number of elements, at least 1.
        seed: chooses the order, together with
        stream: a second number, such as the epoch.
    """

    def __init__(self, size: int, seed: int, stream: int = 0) -> None:
        self.size = size
        self._half = _U(max((max(size - 1, 1).bit_length() + 1) // 2, 1))
        self._mask = _U((1 << int(self._half)) - 1)
        keys = np.random.Philox(key=[seed, stream]).random_raw(_ROUNDS)
        self._keys = [_U(k) for k in np.atleast_1d(keys)]

    def __call__(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the elements at `positions` (n,), each in [0, size)."""
        values = self._encrypt(positions.astype(np.uint64))
        outside = np.flatnonzero(values >= self.size)
        while len(outside):
            values[outside] = self._encrypt(values[outside])
            outside = outside[values[outside] >= self.size]
        return values.astype(np.int64)

    def _encrypt(self, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
        left, right = values >> self._half, values & self._mask
        for key in self._keys:
            left, right = right, left ^ (splitmix(right ^ key) & self._mask)
        return (left << self._half) | right

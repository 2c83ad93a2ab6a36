"""Random numbers that are a pure function of (seed, count): the same in any batch, in any order."""

from __future__ import annotations

import numpy as np

from muse.core.splitmix import splitmix

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def uniform(seed: np.ndarray, count: np.ndarray, numbers: int, stream: int = 0) -> np.ndarray:
    """Draw numbers uniform in [0, 1).

    SplitMix64 (see `muse.core.splitmix`), chained over seed, count, stream and position.

    Args:
        seed: (B,) integers.
        count: (B,) integers, how many draws came before in each row.
        numbers: D, how many numbers a row gets.
        stream: tells apart several draws of one step.

    Returns:
        (B, D) float64.
    """
    with np.errstate(over="ignore"):
        state = _mix(np.asarray(seed).astype(np.uint64))
        state = _mix(state ^ np.asarray(count).astype(np.uint64))
        state = _mix(state ^ np.uint64(stream))
        position = np.arange(numbers, dtype=np.uint64)
        bits = _mix(state[:, None] + position[None, :] * _GOLDEN)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(value: np.ndarray) -> np.ndarray:
    return splitmix(value + _GOLDEN)

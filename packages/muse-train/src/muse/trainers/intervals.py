"""Interval of a mean; that of a rate is `muse.envs.statistics.wilson_interval`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from muse.envs.statistics import Z_95


def mean_interval(values: Sequence[float], z: float = Z_95) -> tuple[float, float, float]:
    """Mean of `values` and its normal-approximation 95 % interval: (mean, low, high)."""
    n = len(values)
    if n == 0:
        return math.nan, math.nan, math.nan
    mean = math.fsum(values) / n
    if n == 1:
        return mean, mean, mean
    variance = math.fsum((v - mean) ** 2 for v in values) / (n - 1)
    half = z * math.sqrt(variance / n)
    return mean, mean - half, mean + half

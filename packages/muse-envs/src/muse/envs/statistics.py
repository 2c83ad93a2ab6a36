"""Numbers that sum up a set of episodes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.envs.episode import Episode

#: The normal quantile of a two-sided 95 % interval.
Z_95 = 1.959963984540054


def wilson_interval(successes: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson score interval (low, high) of a success rate.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927): the rates p with |p - successes/n| <= z sqrt(p (1 - p) / n).

    Args:
        successes: how many trials succeeded, 0..n.
        n: how many trials there were.
        z: the normal quantile of the confidence wanted.

    Raises:
        DataError: for fewer than 0 or more than n successes.
    """
    if not 0 <= successes <= n:
        raise DataError(f"wilson_interval: successes={successes} is not within 0..n={n}")
    if n == 0:
        return 0.0, 1.0
    rate, spread = successes / n, z * z / n
    centre = (rate + spread / 2) / (1 + spread)
    half = math.sqrt(rate * (1 - rate) * spread + spread * spread / 4) / (1 + spread)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def summarize(episodes: Sequence[Episode]) -> AttrDict:
    """Sum up episodes; one that a broken simulator ended counts as no success.

    Returns:
        AttrDict with n, successes, failures (broken simulators), rate, interval (low, high: 95 %
        Wilson), mean_score, mean_return, mean_max_reward and mean_length; the means of no
        episodes are 0.
    """
    n = len(episodes)
    successes = sum(e.success for e in episodes)
    return AttrDict(
        n=n,
        successes=successes,
        failures=sum(e.failed for e in episodes),
        rate=successes / n if n else 0.0,
        interval=wilson_interval(successes, n),
        mean_score=_mean([e.score for e in episodes]),
        mean_return=_mean([e.total_reward for e in episodes]),
        mean_max_reward=_mean([e.max_reward for e in episodes]),
        mean_length=_mean([float(e.length) for e in episodes]),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0

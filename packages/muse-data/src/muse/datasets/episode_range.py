"""Which part of the episodes a dataset uses, and whether windows fit into them."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence

from muse.core.errors import DataError
from muse.datasets.storage.windows import WindowIndex

log = logging.getLogger("muse.datasets")


def chosen_episodes(share: Sequence[float] | None, count: int, source: str) -> tuple[int, int]:
    """Return (first, one past the last) of the part [low, high) of `count` episodes.

    Args:
        share: the parameter `load_episode_range`; None: all.
        count: how many episodes there are.
        source: whose they are, for the message.

    Raises:
        DataError: the part holds no episode.
    """
    low, high = share or (0.0, 1.0)
    # 0.1 * 30 is a hair above 3: without the margin, rounding up would give 4.
    begin, end = (math.ceil(part * count - 1e-9) for part in (low, high))
    if begin >= end:
        raise DataError(
            f"{source}: load_episode_range=[{low}, {high}] holds none of its {count} episodes; "
            f"expected at least one; {_mend_range(low, high, count)}"
        )
    return begin, end


def check_windows(index: WindowIndex) -> None:
    """Raise `DataError` if no window fits the episodes, say so if some are too short."""
    lengths = index.episode_lengths
    short = int((index.counts == 0).sum())
    if short == len(lengths):
        raise DataError(
            f"no window fits: horizon={index.horizon} with horizon_skip={index.skip} spans "
            f"{index.span} steps, the longest of {len(lengths)} episodes has "
            f"{int(lengths.max())}; lower the horizon or set allow_padding=True"
        )
    longest = int(lengths.max())
    if index.pad_end and longest < index.span:
        log.warning(
            "every window is padded: horizon=%d spans %d steps, the longest of %d episodes has "
            "%d; lower the horizon unless this is meant",
            index.horizon,
            index.span,
            len(lengths),
            longest,
        )
    if short:
        log.warning(
            "%d of %d episodes are shorter than a window of %d steps and are never sampled; "
            "set allow_padding=True to use them",
            short,
            len(lengths),
            index.span,
        )


def _mend_range(low: float, high: float, count: int) -> str:
    """Say what gives the range [low, high) of `count` episodes one at least."""
    if not 0.0 <= low < high <= 1.0 or count < 2:
        return "widen the range or load more episodes"
    enough = math.ceil(1 / (high - low) - 1e-9)  # always enough, if not always the fewest
    first = min(math.ceil(low * count - 1e-9), count - 1)
    begin, end = math.floor(100 * first / count) / 100, math.ceil(100 * (first + 1) / count) / 100
    return (
        f"use data of at least {enough} episodes, or a wider range such as [{begin}, {end}], and "
        "fit the range of the dataset it shares the file with"
    )

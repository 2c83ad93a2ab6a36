"""Clicks: one marks a waypoint, several in a row a period of dense control (HYDRA)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from muse.datasets.storage.windows import Rows

Flags = NDArray[np.bool_]


def cleaned(clicks: Flags) -> Flags:
    """Return clicks (L,) in which a lone double click is one, and the last step is clicked."""
    before, after = _neighbours(clicks)
    two_before = np.append([False, False], clicks)[: len(clicks)]
    result = clicks & ~(before & ~two_before & ~after)
    result[-1] = True
    return result


def dense_steps(clicks: Flags) -> Flags:
    """Return (L,), whether a click has a click beside it."""
    before, after = _neighbours(clicks)
    return clicks & (before | after)


def waypoints(clicks: Flags, dense: Flags, between: int = 0) -> Rows:
    """Return the steps whose states are aimed at, ascending; the last step is one of them.

    These are the isolated clicks and both ends of dense periods.

    Args:
        clicks: (L,), the last one set.
        dense: (L,), from `dense_steps`.
        between: so many further ones, evenly spaced, in each sparse stretch.
    """
    before, after = _neighbours(dense)
    marked = np.flatnonzero(clicks & ~(dense & before & after))
    if not between:
        return marked
    starts = np.append(0, marked[:-1])
    chosen = [marked]
    for start, end in zip(starts.tolist(), marked.tolist(), strict=True):
        if end - start > 1 and not dense[start + 1]:
            further = np.linspace(start, end, between + 2).astype(np.int64)
            chosen.append(further[further > start])
    return np.unique(np.concatenate(chosen))


def next_waypoint(points: Rows, length: int) -> Rows:
    """Return (L,), the first of `points` after each step; the last step aims at itself."""
    following = np.searchsorted(points, np.arange(length), side="right")
    targets: Rows = np.append(points, length - 1)[following]
    return targets


def velocity_clicks(
    speeds: list[NDArray[np.float64]],
    thresholds: list[float],
    min_dense_len: int,
    wp_horizon: int,
) -> Flags:
    """Return clicks (L,): dense where everything is slow, else a waypoint every so many steps.

    Args:
        speeds: for each signal its size at each step, (L,).
        thresholds: for each signal the speed below which it is slow.
        min_dense_len: shorter slow periods do not count.
        wp_horizon: steps from waypoint to waypoint, at least 2.
    """
    slow = np.all([s < t for s, t in zip(speeds, thresholds, strict=True)], axis=0)
    clicks = np.zeros(len(slow), np.bool_)
    for begin, end in _runs(slow):
        if slow[begin] and end - begin >= min_dense_len:
            clicks[begin:end] = True
    for begin, end in _runs(clicks.copy()):
        if not clicks[begin]:
            # A click right before a dense period would become part of it.
            clicks[begin + wp_horizon - 1 : end - 1 : wp_horizon] = True
    return clicks


def _neighbours(flags: Flags) -> tuple[Flags, Flags]:
    """Return the flags of the step before and of the step after."""
    return np.append(False, flags[:-1]), np.append(flags[1:], False)


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """Return [begin, end) of stretches of equal flags."""
    edges = np.flatnonzero(np.diff(flags)) + 1
    bounds = [0, *edges.tolist(), len(flags)]
    return list(zip(bounds[:-1], bounds[1:], strict=True))

"""Finding interactions, stretches of contact with an object, in an episode."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError

#: (inputs, outputs) of an episode -> bounds (N, 4) and how many interactions were left out. Bounds
#: are [begin, contact_start, contact_end, end], steps that belong to the interaction.
ParseInteractions = Callable[[AttrDict, AttrDict], tuple[NDArray[np.int64], int]]


def get_parse_interaction_from_episode_fn(
    get_contact_fn: Callable[[AttrDict, AttrDict], Any],
    window: int = 3,
    min_contact_len: int = 1,
    max_contact_len: int = 80,
    max_interaction_len: int = 0,
    bounds: bool = False,
) -> ParseInteractions:
    """Return what makes an interaction of each run of contact in an episode.

    Args:
        get_contact_fn: (inputs, outputs) -> whether there is contact, (L,) or (L, 1).
        window: contact within so many steps before or after counts as contact.
        min_contact_len: shorter runs are left out.
        max_contact_len: longer runs are left out; 0: no limit.
        max_interaction_len: longer interactions are left out; 0: no limit.
        bounds: `get_contact_fn` gives the first and last step of each run instead, (N, 2).
    """
    return partial(
        parse_interactions,
        get_contact_fn=get_contact_fn,
        window=window,
        min_contact_len=min_contact_len,
        max_contact_len=max_contact_len,
        max_interaction_len=max_interaction_len,
        bounds=bounds,
    )


def parse_interactions(
    inputs: AttrDict,
    outputs: AttrDict,
    get_contact_fn: Callable[[AttrDict, AttrDict], Any],
    window: int,
    min_contact_len: int,
    max_contact_len: int,
    max_interaction_len: int,
    bounds: bool,
) -> tuple[NDArray[np.int64], int]:
    """Return the interactions of one episode; see `get_parse_interaction_from_episode_fn`.

    Each begins after the contact before it and ends before the next one.
    """
    length = len(next(iter(inputs.leaf_values())))
    found = np.asarray(get_contact_fn(inputs, outputs))
    starts, ends = _given_runs(found, length) if bounds else _runs(found, length, window)
    if not len(starts):
        return np.empty((0, 4), np.int64), 0
    begins = np.concatenate([[0], ends[:-1] + 1])
    lasts = np.concatenate([starts[1:] - 1, [length - 1]])
    kept = ends - starts + 1 >= min_contact_len
    if max_contact_len:
        kept &= ends - starts + 1 <= max_contact_len
    if max_interaction_len:
        kept &= lasts - begins + 1 <= max_interaction_len
    every = np.stack([begins, starts, ends, lasts], axis=1).astype(np.int64)
    return every[kept], int((~kept).sum())


def _runs(contact: NDArray[Any], length: int, window: int) -> tuple[Any, Any]:
    """Return the first and the last step of each run of contact, widened by `window`."""
    if contact.size != length:
        raise DataError(
            f"get_contact_fn gave shape {contact.shape} for {length} steps; expected a flag a step"
        )
    padded = np.pad(contact.reshape(-1).astype(np.bool_), window)
    wide = np.lib.stride_tricks.sliding_window_view(padded, 2 * window + 1).max(axis=1)
    edges = np.diff(np.concatenate([[0], wide.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1


def _given_runs(runs: NDArray[Any], length: int) -> tuple[Any, Any]:
    runs = runs.reshape(-1, 2).astype(np.int64)
    flat = runs.reshape(-1)
    touching = (runs[1:, 0] <= runs[:-1, 1]).any()
    if (runs[:, 0] > runs[:, 1]).any() or touching or (flat < 0).any() or (flat >= length).any():
        raise DataError(
            f"get_contact_fn gave the runs {runs.tolist()} for {length} steps; expected [first, "
            "last] of each, in order and apart"
        )
    return runs[:, 0], runs[:, 1]

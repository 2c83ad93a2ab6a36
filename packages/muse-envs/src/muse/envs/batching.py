"""Selecting and joining rows of batched `AttrDict`s."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from muse.core import policy
from muse.core.attrdict import AttrDict


def where_rows(rows: np.ndarray, chosen: AttrDict, otherwise: AttrDict) -> AttrDict:
    """Return `chosen` in `rows` and `otherwise` in the rest.

    Args:
        rows: (B,) bool.
        chosen, otherwise: the same names, leaves (B, ...), numpy arrays or torch tensors.
    """
    if rows.all():
        return chosen
    return AttrDict(
        (name, policy.where_rows(rows, value, otherwise[name]))
        for name, value in chosen.leaf_items()
    )


def any_row(mask: np.ndarray) -> bool:
    """Return `mask.any()` of a bool array; a tenth of the time for the few rows of a rollout."""
    return b"\x01" in mask.tobytes()


def all_rows(mask: np.ndarray) -> bool:
    """Return `mask.all()` of a bool array, as fast as `any_row`."""
    return b"\x00" not in mask.tobytes()


def stack_rows(parts: Sequence[AttrDict], names: Sequence[str]) -> AttrDict:
    """Join leaves (1, ...) of N parts into leaves (N, ...)."""
    joined = AttrDict()
    for name in names:
        joined[name] = np.concatenate([part[name] for part in parts])
    return joined


def take_row(batch: AttrDict, row: int) -> AttrDict:
    """Return one row as leaves (1, ...)."""
    return batch.leaf_apply(lambda leaf: leaf[row : row + 1])

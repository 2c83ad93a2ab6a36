"""Selecting and joining rows of batched `AttrDict`s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict


def where_rows(rows: np.ndarray, chosen: AttrDict, otherwise: AttrDict) -> AttrDict:
    """Return `chosen` in `rows` and `otherwise` in the rest.

    Args:
        rows: (B,) bool.
        chosen, otherwise: the same names, leaves (B, ...), numpy arrays or torch tensors.
    """
    return AttrDict(
        (name, _where(rows, value, otherwise[name])) for name, value in chosen.leaf_items()
    )


def stack_rows(parts: Sequence[AttrDict], names: Sequence[str]) -> AttrDict:
    """Join leaves (1, ...) of N parts into leaves (N, ...)."""
    joined = AttrDict()
    for name in names:
        joined[name] = np.concatenate([part[name] for part in parts])
    return joined


def take_row(batch: AttrDict, row: int) -> AttrDict:
    """Return one row as leaves (1, ...)."""
    return batch.leaf_apply(lambda leaf: leaf[row : row + 1])


def _where(rows: np.ndarray, chosen: Any, otherwise: Any) -> Any:
    if rows.all():
        return chosen
    shape = (len(rows),) + (1,) * (chosen.ndim - 1)
    if isinstance(chosen, np.ndarray):
        return np.where(rows.reshape(shape), chosen, otherwise)
    import torch  # a tensor is here, so torch is

    mask = torch.as_tensor(rows, device=chosen.device).reshape(shape)
    return torch.where(mask, chosen, otherwise)

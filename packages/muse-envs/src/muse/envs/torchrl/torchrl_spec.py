"""Names of a Muse spec as TorchRL specs, and arrays as tensordict entries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from muse.core.errors import MissingExtraError
from muse.core.spec import EnvSpec
from muse.core.spec_row import SpecRow

try:
    import torch

    from torchrl.data import Binary, Bounded, Categorical, Composite, Unbounded
except ImportError as error:
    raise MissingExtraError("muse.envs.torchrl", "muse-envs", "torchrl") from error

Key = tuple[str, ...]


def key_of(name: str, *prefix: str) -> Key:
    """Return the nested key of a name: `objects/size` is ("objects", "size")."""
    return (*prefix, *name.split("/"))


def composite(
    env_spec: EnvSpec, names: Iterable[str], batch: tuple[int, ...], *prefix: str
) -> dict[Key, Any]:
    """Return key -> TorchRL spec of shape (*batch, *shape)."""
    return {key_of(name, *prefix): leaf_spec(env_spec.row(name), batch) for name in names}


def nested(leaves: dict[Key, Any], batch: tuple[int, ...]) -> Any:
    """Return a Composite of specs by nested key."""
    whole = Composite(shape=batch)
    for key, spec in leaves.items():
        for depth in range(1, len(key)):
            if key[:depth] not in whole.keys(include_nested=True):
                whole[key[:depth]] = Composite(shape=batch)
        whole[key] = spec
    return whole


def leaf_spec(row: SpecRow, batch: tuple[int, ...]) -> Any:
    """Return the TorchRL spec of one name."""
    shape, dtype = torch.Size((*batch, *row.shape)), getattr(torch, row.dtype.name)
    if row.dtype.kind == "b":
        return Binary(n=shape[-1] if shape else 1, shape=shape, dtype=torch.bool)
    if row.dtype.kind in "iu" and row.shape == (1,) and row.is_bounded and not row.low.any():
        return Categorical(int(row.high[0]) + 1, shape=shape, dtype=dtype)
    if not row.is_bounded:
        return Unbounded(shape=shape, dtype=dtype)
    low, high = (
        torch.as_tensor(np.broadcast_to(limit, shape).astype(row.dtype))
        for limit in (row.low, row.high)
    )
    return Bounded(low, high, shape=shape, dtype=dtype)

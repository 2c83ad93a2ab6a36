"""The checks of what a reset is given: presets and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, suggest


def checked_presets(
    owner: str, presets: Mapping[str, Any] | None, names: tuple[str, ...] | None
) -> AttrDict:
    """Return the presets as an `AttrDict`.

    Args:
        owner: the environment's class, for the message.
        names: what it knows; None when it takes anything.

    Raises:
        EnvError: for a name it does not know.
    """
    given = AttrDict() if presets is None else AttrDict(presets)
    for name in given.leaf_keys():
        if names is not None and name not in names:
            known = ", ".join(names) or "none"
            raise EnvError(
                f"{owner}: unknown preset {name!r}; it has: {known}.{suggest(name, names)}"
            )
    return given


def one_seed(seed: int | Sequence[int], owner: str) -> int:
    """Return the seed of a single environment; `owner` is its class, for the message."""
    values = np.atleast_1d(np.asarray(seed))
    if values.shape != (1,) or values.dtype.kind not in "iu" or values[0] < 0:
        raise EnvError(f"{owner}: seed={seed!r} is not allowed: expected one integer >= 0")
    return int(values[0])


def preset_array(owner: str, presets: Mapping[str, Any], name: str, size: int) -> np.ndarray:
    """Return a preset as float64 (size,), given with or without the batch dimension.

    Args:
        owner: the environment's class, for the message.
        presets: all of them.
        name: which; it must be there.
        size: numbers expected.

    Raises:
        EnvError: when it is not `size` finite numbers.
    """
    value = np.asarray(presets[name], np.float64)
    if value.shape == (1, size):
        value = value[0]
    if value.shape != (size,) or not np.isfinite(value).all():
        raise EnvError(
            f"{owner}: preset {name}={presets[name]!r} is not allowed: expected {size} finite "
            "numbers"
        )
    return value

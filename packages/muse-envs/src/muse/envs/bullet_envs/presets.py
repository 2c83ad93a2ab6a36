"""Reading presets of the three-dimensional environments."""

from __future__ import annotations

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError


def read_preset(
    owner: str, presets: AttrDict, name: str, shape: tuple[int, ...]
) -> np.ndarray | None:
    """Return a preset as float64 of `shape`, given with or without batch and object dimension.

    Raises:
        EnvError: when it has another shape or is not finite.
    """
    if name not in presets:
        return None
    value = np.asarray(presets[name], np.float64)
    wanted = tuple(n for n in shape if n != 1)
    if tuple(n for n in value.shape if n != 1) != wanted or not np.isfinite(value).all():
        raise EnvError(
            f"{owner}: preset {name}={presets[name]!r} is not allowed: expected finite numbers of "
            f"shape {shape}"
        )
    return value.reshape(shape)

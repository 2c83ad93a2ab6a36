"""Random numbers that belong to a row's seed and step, whatever batch the row runs in."""

from __future__ import annotations

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.policy import row_generators

#: The largest float32 below 1.
BELOW_ONE = np.float32(1) - np.float32(2**-24)


def draw_noise(memory: AttrDict, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return uniform `(B,)` in [0, 1) and standard normal `(B, size)` numbers, float32.

    Row b is a pure function of `memory.seed[b]` and `memory.count[b]`.
    """
    batch = len(memory.seed)
    uniform = np.empty(batch, dtype=np.float32)
    normal = np.empty((batch, size), dtype=np.float32)
    for row, generator in enumerate(row_generators(memory)):
        uniform[row] = generator.random()
        normal[row] = generator.standard_normal(size)
    return np.minimum(uniform, BELOW_ONE), normal

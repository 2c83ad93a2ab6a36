"""`AugmentContext`: what an augmentation knows beside the value it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.spec_ops import like


@dataclass(frozen=True)
class AugmentContext:
    """The batch around a value, and chance.

    All chance comes from `rng`, in numpy, also where the batch is of tensors: a batch is changed in
    the same way wherever it lies.

    Args:
        rng: seeded by (seed, step, key).
        key: name of the value.
        inputs: of the batch, before any key was changed.
        outputs: of the batch.
        memory: shared by all functions of one batch; `memory.read_inputs` holds the `read_keys`.
        training: False at evaluation, where nothing may be left to chance.
    """

    rng: np.random.Generator
    key: str = ""
    inputs: AttrDict = field(default_factory=AttrDict)
    outputs: AttrDict = field(default_factory=AttrDict)
    memory: AttrDict = field(default_factory=AttrDict)
    training: bool = True

    def uniform(self, value: Any, low: float, high: float, per_step: bool) -> NDArray[np.float64]:
        """Return a number for each window of `value` (B, H, …), (B, 1), or each step, (B, H)."""
        return self.rng.uniform(low, high, (value.shape[0], value.shape[1] if per_step else 1))

    def normal(self, value: Any, per_step: bool = True) -> Any:
        """Return normal numbers like `value` (B, H, …), or (B, 1, …), of its kind and dtype."""
        shape = tuple(value.shape) if per_step else (value.shape[0], 1, *value.shape[2:])
        return like(self.rng.standard_normal(shape, np.float32), value)

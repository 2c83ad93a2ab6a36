"""Samplers: which windows the next batch consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.datasets.samplers.sampler import Sampler as Sampler
    from muse.datasets.samplers.sequential_sampler import SequentialSampler as SequentialSampler
    from muse.datasets.samplers.weighted_sequential_sampler import (
        WeightedSequentialSampler as WeightedSequentialSampler,
    )

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "sampler": ("Sampler",),
        "sequential_sampler": ("SequentialSampler",),
        "weighted_sequential_sampler": ("WeightedSequentialSampler",),
    },
)

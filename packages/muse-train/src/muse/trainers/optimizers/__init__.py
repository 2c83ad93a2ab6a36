"""Optimizers: gradient steps, clipping and learning-rate schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.trainers.optimizers.optimizer import MultiOptimizer as MultiOptimizer
    from muse.trainers.optimizers.optimizer import Optimizer as Optimizer
    from muse.trainers.optimizers.optimizer import SingleOptimizer as SingleOptimizer

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "optimizer": ("MultiOptimizer", "Optimizer", "SingleOptimizer"),
    },
)

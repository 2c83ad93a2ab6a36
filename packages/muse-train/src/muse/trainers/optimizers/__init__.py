"""Optimizers: gradient steps, clipping and learning-rate schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muse.trainers.optimizers.optimizer import MultiOptimizer, Optimizer, SingleOptimizer

__all__ = ["MultiOptimizer", "Optimizer", "SingleOptimizer"]


def __getattr__(name: str) -> Any:
    """Import torch only when an optimizer is really asked for (PEP 562)."""
    if name in __all__:
        from muse.trainers.optimizers import optimizer

        return getattr(optimizer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Training: trainers, optimizers, writers, evaluation and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muse.trainers.goal_trainer import GoalTrainer
    from muse.trainers.trainer import Trainer

__all__ = ["GoalTrainer", "Trainer"]

_HOMES = {"GoalTrainer": "muse.trainers.goal_trainer", "Trainer": "muse.trainers.trainer"}


def __getattr__(name: str) -> Any:
    """Import torch only when a trainer is really asked for (PEP 562)."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

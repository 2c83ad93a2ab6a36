"""Training: trainers, optimizers, writers, evaluation and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.trainers.goal_trainer import GoalTrainer as GoalTrainer
    from muse.trainers.trainer import Trainer as Trainer

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "goal_trainer": ("GoalTrainer",),
        "trainer": ("Trainer",),
    },
)

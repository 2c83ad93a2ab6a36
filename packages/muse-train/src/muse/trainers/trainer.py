"""The earlier trainer of one dataset; kept so that code written for it goes on working."""

from __future__ import annotations

import warnings
from typing import Any

from muse.core import AttrDict
from muse.trainers.goal_trainer import GoalTrainer


class Trainer(GoalTrainer):
    """`GoalTrainer` with one dataset and no goal policy.

    Deprecated: use `GoalTrainer`, which takes lists of datasets.

    Args:
        params: those of `GoalTrainer`.
        dataset_train, dataset_holdout: one dataset each; None for no holdout.
        env_train, env_holdout: None without rollouts.
    """

    def __init__(
        self,
        params: AttrDict,
        file_manager: Any,
        model: Any,
        policy: Any,
        dataset_train: Any,
        dataset_holdout: Any,
        env_train: Any,
        env_holdout: Any = None,
        **components: Any,
    ) -> None:
        warnings.warn(
            "muse.trainers.Trainer is deprecated; use muse.trainers.goal_trainer.GoalTrainer with "
            "datasets_train=[…] and datasets_holdout=[…]",
            DeprecationWarning,
            stacklevel=2,
        )
        super().__init__(
            params,
            file_manager,
            model,
            policy=policy,
            datasets_train=[dataset_train],
            datasets_holdout=[] if dataset_holdout is None else [dataset_holdout],
            env_train=env_train,
            env_holdout=env_holdout,
            **components,
        )

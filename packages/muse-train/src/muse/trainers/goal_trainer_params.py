"""The parameters of `GoalTrainer`, each declared once."""

from __future__ import annotations

from muse.core import AttrDict
from muse.core.params import Param, non_negative, positive

#: Declared apart from the trainer so that its loop stays in view.
GOAL_TRAINER_PARAMS = (
    Param("max_steps", int, help="training ends here", unit="steps", check=positive),
    Param(
        "train_every_n_steps",
        int | list[int],
        1,
        help="gradient step on each training dataset every n steps, or a list with one n each; "
        "0: never",
    ),
    Param(
        "holdout_every_n_steps",
        int | list[int],
        50,
        help="loss on a batch of each holdout dataset every n steps; 0: never",
    ),
    Param(
        "rollout_train_env_every_n_steps",
        int,
        0,
        help="evaluate the policy in env_train every n steps; 0: never",
        check=non_negative,
    ),
    Param(
        "rollout_train_env_n_per_step",
        int,
        1,
        help="episodes of each evaluation in env_train",
        check=positive,
    ),
    Param(
        "rollout_holdout_env_every_n_steps",
        int,
        0,
        help="the same in env_holdout",
        check=non_negative,
    ),
    Param(
        "rollout_holdout_env_n_per_step",
        int,
        1,
        help="episodes of each evaluation in env_holdout",
        check=positive,
    ),
    Param(
        "rollout_max_steps",
        int | None,
        None,
        help="longest episode; none: the environment decides",
        unit="steps",
    ),
    Param(
        "rollout_first_seed",
        int,
        50_000,
        help="evaluations during training use this seed and the following ones, each time again",
        check=non_negative,
    ),
    Param(
        "block_env_on_first_n_steps",
        int,
        0,
        help="no evaluation before this step",
        unit="steps",
        check=non_negative,
    ),
    Param("log_every_n_steps", int, 100, help="mean losses to the writers", check=positive),
    Param(
        "save_every_n_steps",
        int,
        5_000,
        help="write the resumable model.pt; also once at the end",
        check=positive,
    ),
    Param(
        "save_checkpoint_every_n_steps",
        int,
        0,
        help="keep a chkpt_<step>.pt as well, a multiple of save_every_n_steps; 0: none",
        check=non_negative,
    ),
    Param(
        "track_best_name",
        str | None,
        None,
        help="scalar such as env_train/success or holdout/loss whose best model goes to "
        "best_model.pt; none: env_train/success when there are rollouts",
    ),
    Param(
        "track_best_mode",
        str,
        "max",
        choices=("max", "min"),
        help="whether the highest or the lowest is best",
    ),
    Param(
        "load_statistics_initial",
        bool,
        True,
        help="take normalisation statistics from the training data when nothing was loaded",
    ),
    Param(
        "checkpoint_model_file",
        str | None,
        "model.pt",
        help="resume from this file in the run's models/ when it is there; none: never",
    ),
    Param(
        "pretrained_model_file",
        str | None,
        None,
        help="start from the weights in this file (a path) when nothing is resumed",
    ),
    Param(
        "data_augmentation_params",
        AttrDict,
        AttrDict(),
        help="class and parameters of a DataAugmentation for training batches; empty: none",
    ),
    Param("train_do_data_augmentation", bool, True, help="whether to augment training batches"),
    Param(
        "optimizer",
        AttrDict,
        AttrDict(cls="muse.trainers.optimizers.optimizer.SingleOptimizer"),
        help="class and parameters of the optimizer",
    ),
    Param(
        "writer",
        AttrDict | None,
        AttrDict(cls="muse.trainers.writers.tensorboard_writer.TensorboardWriter"),
        help="class and parameters of the writer beside metrics.jsonl; none: no other",
    ),
    Param(
        "sampler",
        AttrDict | None,
        None,
        help="class and parameters of the sampler of every dataset; none: each dataset's own",
    ),
)

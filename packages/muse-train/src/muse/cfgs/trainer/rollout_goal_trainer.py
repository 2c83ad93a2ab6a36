"""Training with 50 evaluation episodes in env_train every 20 000 steps, after the first 20 000."""

from muse.cfgs.trainer.goal_trainer import export as goal_trainer
from muse.core.attrdict import AttrDict

export = goal_trainer & AttrDict(
    rollout_train_env_every_n_steps=20_000,
    rollout_train_env_n_per_step=50,
    block_env_on_first_n_steps=20_000,
    track_best_name="env_train/success",
)

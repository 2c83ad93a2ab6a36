"""Offline training, checkpoints every 20 000 steps; Adam at 1e-4, neither decay nor clipping."""

from muse.core.attrdict import AttrDict

export = AttrDict(
    cls="muse.trainers.goal_trainer.GoalTrainer",
    max_steps=600_000,
    train_every_n_steps=1,
    holdout_every_n_steps=50,
    log_every_n_steps=100,
    save_every_n_steps=20_000,
    save_checkpoint_every_n_steps=20_000,
    checkpoint_model_file="model.pt",
    pretrained_model_file=None,
    optimizer=AttrDict(
        cls="muse.trainers.optimizers.optimizer.SingleOptimizer",
        base_optimizer=AttrDict(cls="torch.optim.Adam", lr=1e-4, betas=[0.9, 0.999]),
        max_grad_norm=None,
    ),
    writer=AttrDict(cls="muse.trainers.writers.tensorboard_writer.TensorboardWriter"),
)

"""An experiment on one's own environment, with 12 demonstrations of one's own policy.

PYTHONPATH=examples muse collect examples/reach_config.py --policy expert --max_eps 12 \
    --save_file data/reach.npz
PYTHONPATH=examples muse train examples/reach_config.py --max_steps 20
"""

from muse.cfgs.model.bc_rnn import export as bc_rnn
from muse.cfgs.policy.memory_policy import export as memory_policy
from muse.cfgs.trainer.goal_trainer import export as goal_trainer
from muse.configs import Field
from muse.core import AttrDict


def npz_file(dataset: str) -> str:
    """Name of the data file, below data/."""
    return f"{dataset}.npz"


demonstrations = AttrDict(
    cls="muse.datasets.NpSequenceDataset",
    file=Field("dataset", npz_file),
    frozen=True,
    batch_size=Field("batch_size"),
    horizon=Field("horizon"),
    pad_end_sequence=True,
    seed=Field("seed"),
)

export = AttrDict(
    exp_name="reach/b{batch_size}_h{horizon}_{dataset}",
    seed=0,
    device="cpu",
    batch_size=32,
    horizon=5,
    dataset="reach",
    env_train=AttrDict(cls="reach_env.ReachEnv"),
    expert=AttrDict(cls="reach_policy.ReachPolicy", noise_std=0.1),
    dataset_train=demonstrations & AttrDict(load_episode_range=[0.0, 0.9]),
    dataset_holdout=demonstrations & AttrDict(load_episode_range=[0.9, 1.0]),
    model=bc_rnn & AttrDict(device=Field("device"), action_decoder=AttrDict(hidden_size=32)),
    policy=memory_policy,
    trainer=goal_trainer
    & AttrDict(max_steps=500, optimizer=AttrDict(base_optimizer=AttrDict(lr=1e-3))),
)

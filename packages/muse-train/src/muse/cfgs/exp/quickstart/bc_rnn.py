"""Quickstart, state: a small BC-RNN drags a block onto its mark (MoveBlockEnv2D).

Data: `data/quickstart.npz`, made by `muse collect cfgs/exp/quickstart/vis_bc_rnn.py --policy expert
--only_success --max_eps 100 --save_file data/quickstart.npz`.
"""

from muse.cfgs.dataset.np_sequence import export as np_sequence
from muse.cfgs.model.bc_rnn import export as bc_rnn
from muse.cfgs.policy.memory_policy import export as memory_policy
from muse.cfgs.trainer.goal_trainer import export as goal_trainer
from muse.configs import Field
from muse.core.attrdict import AttrDict


def npz_file(dataset: str) -> str:
    """File of a dataset below data/."""
    return f"{dataset}.npz"


DATASET = np_sequence & AttrDict(
    file=Field("dataset", npz_file),
    pad_end_sequence=True,
)

export = AttrDict(
    exp_name="quickstart/b{batch_size}_h{horizon}_{dataset}_seed{seed}",
    seed=0,
    device="cpu",
    batch_size=64,
    horizon=10,
    dataset="quickstart",
    env_train=AttrDict(
        cls="muse.envs.pymunk.move_block_env_2d.MoveBlockEnv2D", disable_images=True
    ),
    expert=AttrDict(cls="muse.policies.move_block_expert.MoveBlockExpert"),
    dataset_train=DATASET & AttrDict(load_episode_range=[0.0, 0.9]),
    dataset_holdout=DATASET & AttrDict(load_from_base=True, load_episode_range=[0.9, 1.0]),
    model=bc_rnn
    & AttrDict(
        device=Field("device"),
        action_normalization="minmax",
        action_decoder=AttrDict(hidden_size=128, use_tanh_out=False),
    ),
    policy=memory_policy & AttrDict(timeout=80),
    trainer=goal_trainer
    & AttrDict(
        max_steps=3_000,
        log_every_n_steps=100,
        save_every_n_steps=1_000,
        save_checkpoint_every_n_steps=0,
        optimizer=AttrDict(base_optimizer=AttrDict(lr=1e-3), max_grad_norm=10.0),
    ),
)

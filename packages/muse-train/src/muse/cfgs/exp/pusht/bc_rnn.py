"""Push-T from the state: BC-RNN-GMM on 206 human demonstrations.

Data: `data/pusht/human.npz`, made by `muse data import`. Report the mean of the largest overlap
(`score`) over 50 fixed seeds, as the published LSTM-GMM row does.
"""

from muse.cfgs.dataset.np_sequence import export as np_sequence
from muse.cfgs.model.bc_rnn_gmm import export as bc_rnn_gmm
from muse.cfgs.policy.gmm_memory_policy import export as gmm_memory_policy
from muse.cfgs.trainer.goal_trainer import export as goal_trainer
from muse.configs import Field
from muse.core.attrdict import AttrDict

#: Side of the table, px; a block pressed through a wall may leave it.
TABLE = 512.0
AROUND = (-TABLE, 2 * TABLE)

STATE_ROWS = [
    ("agent_pos", (2,), AROUND, "float32"),
    ("keypoints", (18,), AROUND, "float32"),
    ("action", (2,), (0.0, TABLE), "float32"),
    ("reward", (1,), (0.0, 1.0), "float32"),
]


def npz_file(dataset: str) -> str:
    """File of a dataset of the task below data/."""
    return f"pusht/{dataset}.npz"


DATASET = np_sequence & AttrDict(
    file=Field("dataset", npz_file),
    pad_end_sequence=True,
    step_names=["agent_pos", "keypoints", "action"],
)

export = AttrDict(
    exp_name="pusht/b{batch_size}_h{horizon}_{dataset}",
    seed=0,
    device="auto",
    batch_size=100,
    horizon=10,
    dataset="human",
    env_spec=AttrDict(
        cls="muse.core.spec.ParamEnvSpec",
        names_shapes_limits_dtypes=STATE_ROWS,
        observation_names=["agent_pos", "keypoints"],
        output_observation_names=["reward"],
        action_names=["action"],
    ),
    env_train=AttrDict(cls="muse.envs.pymunk.push_t_env.PushTEnv", max_steps=300),
    dataset_train=DATASET & AttrDict(load_episode_range=[0.0, 0.9]),
    dataset_holdout=DATASET & AttrDict(load_from_base=True, load_episode_range=[0.9, 1.0]),
    model=bc_rnn_gmm
    & AttrDict(
        device=Field("device"),
        normalization_mode="minmax",
        # Smaller than the published 400, to train on a CPU.
        action_decoder=AttrDict(hidden_size=256),
    ),
    policy=gmm_memory_policy,
    trainer=goal_trainer
    & AttrDict(
        max_steps=60_000,
        save_every_n_steps=1_000,
        save_checkpoint_every_n_steps=5_000,
        rollout_train_env_every_n_steps=5_000,
        rollout_train_env_n_per_step=20,
        track_best_name="env_train/score",
        optimizer=AttrDict(
            base_optimizer=AttrDict(lr=1e-3),
            base_scheduler=AttrDict(
                cls="torch.optim.lr_scheduler.CosineAnnealingLR", T_max=Field("../../max_steps")
            ),
        ),
    ),
)

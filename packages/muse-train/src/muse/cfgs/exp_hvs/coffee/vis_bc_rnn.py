"""Making coffee with a Franka arm: vision BC-RNN on 100 demonstrations with two 240×320 cameras.

Data: `data/real/<dataset>.npz`. On a training box without the robot: `muse train --no_env …`.
"""

from muse.cfgs.dataset.np_sequence import export as np_sequence
from muse.cfgs.env.polymetis_panda import env_spec
from muse.cfgs.env.polymetis_panda import export as polymetis_panda
from muse.cfgs.model.vis_bc_rnn import export as vis_bc_rnn
from muse.cfgs.policy.dummy_goal_policy import export as dummy_goal_policy
from muse.cfgs.policy.memory_policy import export as memory_policy
from muse.cfgs.trainer.goal_trainer import export as goal_trainer
from muse.configs import Field
from muse.core.attrdict import AttrDict
from muse.datasets.data_augmentation import GaussianNoise

#: What the policy sees and does; the recordings hold more.
STATES = ["ee_position", "ee_orientation", "gripper_pos"]
IMAGES = ["image", "ego_image"]


def npz_file(dataset: str) -> str:
    """File of a real-robot dataset below data/."""
    return f"real/{dataset}.npz"


def state_noise(augment: bool) -> AttrDict:
    """Noise on position (m) and orientation (quaternion) of training batches, or none."""
    if not augment:
        return AttrDict()
    return AttrDict(
        cls="muse.datasets.data_augmentation.DataAugmentation",
        augment_keys=["ee_position", "ee_orientation"],
        augment_fns=[GaussianNoise(0.02), GaussianNoise(0.04, unit_norm=True)],
    )


DATASET = np_sequence & AttrDict(
    file=Field("dataset", npz_file),
    step_names=[*STATES, *IMAGES, "action"],
)

export = AttrDict(
    exp_name="real/velact_{?augment:aug_}b{batch_size}_h{horizon}_{dataset}",
    seed=0,
    device="cuda",
    batch_size=8,
    horizon=10,
    dataset="raw_mode_make-coffee-v3_eimgs_100ep",
    augment=True,
    env_spec=env_spec & AttrDict(observation_names=[*STATES, *IMAGES]),
    env_train=polymetis_panda,
    dataset_train=DATASET & AttrDict(load_episode_range=[0.0, 0.9]),
    dataset_holdout=DATASET & AttrDict(load_from_base=True, load_episode_range=[0.9, 1.0]),
    model=vis_bc_rnn & AttrDict(device=Field("device")),
    policy=memory_policy & AttrDict(timeout=1200),
    goal_policy=dummy_goal_policy,
    trainer=goal_trainer & AttrDict(data_augmentation_params=Field("augment", state_noise)),
)

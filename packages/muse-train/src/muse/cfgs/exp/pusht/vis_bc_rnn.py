"""Push-T from 96×96 images and the pusher's position: BC-RNN-GMM with a ResNet-18."""

from muse.cfgs.exp.pusht.bc_rnn import STATE_ROWS
from muse.cfgs.exp.pusht.bc_rnn import export as bc_rnn
from muse.cfgs.model.vis_bc_rnn_gmm import export as vis_bc_rnn_gmm
from muse.configs import Field
from muse.core.attrdict import AttrDict

NAMES = ["agent_pos", "image", "action"]

export = bc_rnn & AttrDict(
    batch_size=64,
    env_spec=AttrDict(
        names_shapes_limits_dtypes=[
            *(row for row in STATE_ROWS if row[0] != "keypoints"),
            ("image", (96, 96, 3), (0, 255), "uint8"),
        ],
        observation_names=["agent_pos", "image"],
    ),
    env_train=AttrDict(image_obs=True, render_size=96),
    dataset_train=AttrDict(step_names=NAMES),
    dataset_holdout=AttrDict(step_names=NAMES),
    model=vis_bc_rnn_gmm
    & AttrDict(
        device=Field("device"),
        normalization_mode="minmax",
        action_decoder=AttrDict(hidden_size=400),
    ),
    trainer=AttrDict(max_steps=200_000),
)

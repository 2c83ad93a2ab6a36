"""Quickstart, vision: as bc_rnn, but block and goal are seen in 64×64 images by a small CNN."""

from muse.cfgs.exp.quickstart.bc_rnn import export as bc_rnn
from muse.cfgs.model.small_vis_bc_rnn import export as small_vis_bc_rnn
from muse.configs import Field
from muse.core.attrdict import AttrDict

export = bc_rnn & AttrDict(
    batch_size=16,
    env_train=AttrDict(disable_images=False),
    model=small_vis_bc_rnn
    & AttrDict(
        device=Field("device"),
        action_normalization="minmax",
        # Where block and goal are has to be seen.
        state_names=["position", "velocity", "grab_binary"],
        normalization_inputs=["position", "velocity", "grab_binary"],
        action_decoder=AttrDict(hidden_size=128, use_tanh_out=False),
    ),
    trainer=AttrDict(max_steps=1_500, save_every_n_steps=500),
)

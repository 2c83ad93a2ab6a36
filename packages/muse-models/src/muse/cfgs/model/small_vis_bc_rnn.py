"""Vision BC-RNN small enough for a CPU: a three-layer CNN on 64x64 images, LSTM 200x2."""

from muse.cfgs.model.vis_bc_rnn import export as vis_bc_rnn
from muse.core.attrdict import AttrDict

export = vis_bc_rnn & AttrDict(
    exp_name="_small_vis_bc-l2",
    vision_encoder=AttrDict(backbone="small_cnn"),
    action_decoder=AttrDict(hidden_size=200),
)

"""Vision BC-RNN-GMM: ResNet-18 with spatial softmax, LSTM 1000x2, a mixture of 5 Gaussians."""

from muse.cfgs.model.bc_rnn_gmm import export as bc_rnn_gmm
from muse.cfgs.model.vis_bc_rnn import export as vis_bc_rnn
from muse.core.attrdict import AttrDict

export = bc_rnn_gmm & AttrDict(
    exp_name="_vis_bc",
    state_encoder_order=vis_bc_rnn.state_encoder_order,
    vision_encoder=vis_bc_rnn.vision_encoder.copy(),
    action_decoder=AttrDict(hidden_size=1000),
)

"""State BC-RNN-GMM: LSTM 400x2, a mixture of 5 Gaussians over actions scaled to [-1, 1]."""

from muse.cfgs.model.bc_rnn import export as bc_rnn
from muse.core.attrdict import AttrDict

export = bc_rnn & AttrDict(
    exp_name="_bc",
    action_normalization="minmax",
    loss_fn="muse.models.losses.nll_action_loss",
    action_decoder=AttrDict(
        exp_name="-gmm{policy_num_mix}_{rnn_type}-hs{hidden_size}-ps{policy_size}",
        use_policy_dist=True,
        policy_num_mix=5,
        policy_sig_min=1e-4,
    ),
)

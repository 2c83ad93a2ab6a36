"""State BC-RNN: LSTM 400x2, one linear layer to the action, squared error."""

from muse.configs import Field
from muse.core.attrdict import AttrDict

export = AttrDict(
    cls="muse.models.bc.gcbc.BaseGCBC",
    exp_name="_bc-l2",
    device=Field("device"),
    normalize_inputs=True,
    action_normalization="none",
    loss_fn="muse.models.losses.mse_action_loss",
    action_decoder=AttrDict(
        cls="muse.models.bc.rnn_action_decoder.RNNActionDecoder",
        exp_name="_{rnn_type}-hs{hidden_size}-ps{policy_size}",
        rnn_type="lstm",
        hidden_size=400,
        rnn_depth=2,
        policy_size=0,
        dropout_p=0.0,
        use_tanh_out=True,
    ),
)

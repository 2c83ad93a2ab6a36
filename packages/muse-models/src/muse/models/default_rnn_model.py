"""An RNN with a linear or small perceptron head and an optional distribution at its end."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import nn

from muse.core.errors import ParamError
from muse.core.params import Param, fraction, non_negative, positive
from muse.models.head_params import head_params
from muse.models.layers.build import build_layer, build_network
from muse.models.output_head import OutputHead
from muse.models.rnn_model import RnnModel
from muse.utils.param_utils import build_mlp_param_list


class DefaultRnnModel(OutputHead, RnnModel):
    """Inputs side by side, `rnn_depth` recurrent layers, a head, an output for each step.

    The head is one linear layer, or has one hidden layer of `mlp_size` when that is not 0. With
    `use_dist` the output is the mean of a Gaussian (or of a mixture of `num_mix`), whose
    parameters are at `<model_output>_dist`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("recurrent_network", Any, None, help="replaces the recurrent network"),
        Param("in_size", int | None, None, help="input size; from the spec by default"),
        Param("out_size", int | None, None, help="output size; from the spec by default"),
        Param("rnn_type", str, "gru", choices=("gru", "lstm", "rnn"), help="kind of cell"),
        Param("hidden_size", int, 128, help="width of the hidden state", check=positive),
        Param("rnn_depth", int, 2, help="recurrent layers", check=positive),
        Param("bidirectional", bool, False, help="also read the window from its end"),
        Param("dropout_p", float, 0.0, help="dropout between recurrent layers", check=fraction),
        Param("mlp_size", int, 0, help="hidden layer of the head, 0 for none", check=non_negative),
        Param("activation", str, "relu", help="activation of the head's hidden layer"),
        Param("use_tanh_out", bool, False, help="bound the output (or the means) to (-1, 1)"),
        Param("use_dist", bool, False, help="end in a distribution"),
        *head_params(),
    )

    def build_rnn(self) -> nn.Module:
        params = self.params
        if params.recurrent_network is not None:
            return super().build_rnn()
        if not params.rnn_before_net:
            raise ParamError(f"{type(self).__name__}: rnn_before_net=False, expected True")
        in_size = self.flattener.size if params.in_size is None else params.in_size
        return build_layer(
            params.rnn_type,
            input_size=in_size,
            hidden_size=params.hidden_size,
            num_layers=params.rnn_depth,
            dropout=params.dropout_p,
            bidirectional=params.bidirectional,
        )

    def build_net(self) -> nn.Module:
        params = self.params
        self.head = self.make_head()
        if params.network is not None:
            return super().build_net()
        width = params.hidden_size * (2 if params.bidirectional else 1)
        if not params.mlp_size:
            return nn.Linear(width, self.head.raw_size)
        sizes = [params.mlp_size, self.head.raw_size]
        return build_network(build_mlp_param_list(width, sizes, activation=params.activation))

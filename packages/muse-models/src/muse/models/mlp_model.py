"""A multi-layer perceptron with an optional distribution at its end."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import nn

from muse.core.params import Param, fraction, non_negative, positive
from muse.models.basic_model import BasicModel
from muse.models.head_params import head_params
from muse.models.layers.build import build_network
from muse.models.output_head import OutputHead
from muse.utils.param_utils import build_mlp_param_list


class DefaultMLPModel(OutputHead, BasicModel):
    """Inputs side by side, `mlp_depth` hidden layers of `mlp_size`, one output `(B, H, out_size)`.

    With `use_dist` the output is the mean of a Gaussian (or of a mixture of `num_mix`), whose
    parameters are at `<model_output>_dist`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("network", Any, None, help="replaces the perceptron"),
        Param("in_size", int | None, None, help="input size; from the spec by default"),
        Param("out_size", int | None, None, help="output size; from the spec by default"),
        Param("mlp_size", int, 128, help="width of a hidden layer", check=positive),
        Param("mlp_depth", int, 3, help="number of hidden layers", check=non_negative),
        Param("activation", str, "relu", help="name of the activation"),
        Param("dropout_p", float, 0.0, help="dropout after each hidden layer", check=fraction),
        Param("use_tanh_out", bool, False, help="bound the output (or the means) to (-1, 1)"),
        Param("use_dist", bool, False, help="end in a distribution"),
        *head_params(),
    )

    def build_net(self) -> nn.Module:
        params = self.params
        self.head = self.make_head()
        if params.network is not None:
            return build_network(params.network)
        in_size = self.flattener.size if params.in_size is None else params.in_size
        sizes = [params.mlp_size] * params.mlp_depth + [self.head.raw_size]
        return build_network(
            build_mlp_param_list(
                in_size, sizes, activation=params.activation, dropout_p=params.dropout_p
            )
        )

"""A multi-layer perceptron with an optional distribution at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from torch import Tensor, nn

from muse.core.attrdict import AttrDict
from muse.core.params import Param, fraction, non_negative, positive
from muse.models.basic_model import BasicModel
from muse.models.head_params import build_head, head_params
from muse.models.layers.build import build_network
from muse.models.model import refuse_kwargs
from muse.models.output_head import decode_head, put_head
from muse.utils.param_utils import build_mlp_param_list


class DefaultMLPModel(BasicModel):
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
        out_size = params.out_size
        if out_size is None:
            out_size = self.env_spec.dim([self.model_output])
        self.head = build_head(params, out_size, params.use_dist, params.use_tanh_out)
        if params.network is not None:
            return build_network(params.network)
        in_size = self.flattener.size if params.in_size is None else params.in_size
        sizes = [params.mlp_size] * params.mlp_depth + [self.head.raw_size]
        return build_network(
            build_mlp_param_list(
                in_size, sizes, activation=params.activation, dropout_p=params.dropout_p
            )
        )

    def output_shapes(self) -> dict[str, tuple[int, ...]]:
        return {self.model_output: (self.head.dim,)}

    @property
    def dist_out_name(self) -> str:
        """Where the parameters of the distribution are."""
        return f"{self.model_output}_dist"

    @property
    def action_names(self) -> list[str]:
        """What the default losses compare."""
        return [self.model_output]

    @property
    def noise_size(self) -> int:
        return self.head.noise_size

    def compute(self, inputs: AttrDict, **kwargs: Any) -> AttrDict:
        refuse_kwargs(self, kwargs)
        raw = self.run_net(self.features(self.normalize(inputs)))
        return put_head(self.head, raw, AttrDict(), self.model_output, self.dist_out_name)

    def decode_action(
        self,
        out: AttrDict,
        names: Sequence[str],
        mode: str = "mean",
        uniform: Tensor | None = None,
        normal: Tensor | None = None,
    ) -> AttrDict:
        result = out > list(names)
        if self.model_output in result:
            result[self.model_output] = decode_head(
                self.head, out, self.model_output, self.dist_out_name, mode, uniform, normal
            )
        return result

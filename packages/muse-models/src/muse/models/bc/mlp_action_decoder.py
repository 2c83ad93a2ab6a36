"""An action decoder without memory."""

from __future__ import annotations

from typing import Any, ClassVar

from muse.core.attrdict import AttrDict
from muse.core.params import Param, fraction, non_negative, positive
from muse.models.bc.action_decoder import ActionDecoder, decoder_params
from muse.models.mlp_model import DefaultMLPModel


class MLPActionDecoder(ActionDecoder):
    """A perceptron: `mlp_depth` hidden layers of `mlp_size` for each step on its own."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        *decoder_params(),
        Param("dropout_p", float, 0.0, help="dropout after hidden layers", check=fraction),
        Param("mlp_size", int, 128, help="width of a hidden layer", check=positive),
        Param("mlp_depth", int, 3, help="number of hidden layers", check=non_negative),
    )

    def group_of(self, name: str, spec: Any) -> Any:
        params = self.params
        if name != "decoder" or params.decoder is not None:
            return super().group_of(name, spec)
        return AttrDict(
            cls=DefaultMLPModel,
            model_inputs=self.input_names,
            model_output=params.raw_out_name,
            in_size=params.policy_in_size,
            out_size=self.head.raw_size,
            mlp_size=params.mlp_size,
            mlp_depth=params.mlp_depth,
            activation=params.mlp_activation,
            dropout_p=params.dropout_p,
        )

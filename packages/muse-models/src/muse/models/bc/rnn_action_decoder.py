"""An action decoder with a recurrent memory."""

from __future__ import annotations

from typing import Any, ClassVar

from muse.core.attrdict import AttrDict
from muse.core.params import Param, fraction, non_negative, positive
from muse.models.bc.action_decoder import ActionDecoder, decoder_params
from muse.models.default_rnn_model import DefaultRnnModel


class RNNActionDecoder(ActionDecoder):
    """`rnn_depth` recurrent layers of `hidden_size`, then a head for each step.

    With `policy_size` 0 the head is a single linear layer, else it has one hidden layer of that
    width (of `hidden_size` when None).
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        *decoder_params(),
        Param("hidden_size", int, 128, help="width of the hidden state", check=positive),
        Param(
            "policy_size",
            int | None,
            None,
            help="hidden layer of the head, 0: none, None: hidden_size",
            check=non_negative,
        ),
        Param("rnn_depth", int, 2, help="recurrent layers", check=positive),
        Param("rnn_type", str, "gru", choices=("gru", "lstm", "rnn"), help="kind of cell"),
        Param("dropout_p", float, 0.0, help="dropout between recurrent layers", check=fraction),
        Param("mask_name", str | None, None, help="input (B, H), true where padded"),
    )

    def group_of(self, name: str, spec: Any) -> Any:
        params = self.params
        if name != "decoder" or params.decoder is not None:
            return super().group_of(name, spec)
        policy_size = params.hidden_size if params.policy_size is None else params.policy_size
        return AttrDict(
            cls=DefaultRnnModel,
            model_inputs=self.input_names,
            model_output=params.raw_out_name,
            in_size=params.policy_in_size,
            out_size=self.head.raw_size,
            rnn_type=params.rnn_type,
            hidden_size=params.hidden_size,
            rnn_depth=params.rnn_depth,
            mlp_size=policy_size,
            activation=params.mlp_activation,
            dropout_p=params.dropout_p,
            mask_name=params.mask_name,
        )

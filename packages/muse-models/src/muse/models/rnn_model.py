"""A model with memory: a recurrent network before or after an ordinary one."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.core.params import Param
from muse.models.basic_model import BasicModel
from muse.models.layers import recurrent
from muse.models.layers.build import build_network
from muse.models.model import merged, refuse_kwargs


class RnnModel(BasicModel):
    """Inputs side by side, through a recurrent and an ordinary network, to `(B, H, out)`.

    The hidden state is an AttrDict at `hidden_name` of the outputs: `h` (and `c` for an LSTM),
    each `(B, layers, hid)`, with twice the layers when bidirectional. A window starts at zeros
    unless `forward(inputs, hidden=…)` gives a state.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("recurrent_network", Any, help="LayerParams of an lstm, gru or rnn"),
        Param("network", Any, None, help="the ordinary network; None: none"),
        Param("rnn_before_net", bool, True, help="inputs -> rnn -> net, else inputs -> net -> rnn"),
        Param("rnn_output_name", str | None, None, help="also give the rnn's output by this name"),
        Param("hidden_name", str, "hidden", help="name of the hidden state"),
        Param(
            "mask_name",
            str | None,
            None,
            help="input (B, H), true where padded: these steps leave the hidden state alone",
        ),
    )

    rnn: nn.RNNBase

    def build(self) -> None:
        super().build()
        rnn = self.build_rnn()
        if not isinstance(rnn, nn.RNNBase):
            raise ParamError(
                f"{type(self).__name__}: recurrent_network is a {type(rnn).__name__}, expected an "
                "lstm, gru or rnn"
            )
        if not rnn.batch_first:
            raise ParamError(f"{type(self).__name__}: recurrent_network needs batch_first=True")
        if rnn.bidirectional and self.params.mask_name:
            raise ParamError(
                f"{type(self).__name__}: mask_name works forward in time only; use a "
                "recurrent_network that is not bidirectional, or mask_name=None"
            )
        self.rnn = rnn

    def build_net(self) -> nn.Module:
        if self.params.network is None:
            return nn.Identity()
        return super().build_net()

    def build_rnn(self) -> nn.Module:
        """Build the recurrent network from the params."""
        return build_network(self.params.recurrent_network)

    def compute(self, inputs: AttrDict, hidden: AttrDict | None = None, **kwargs: Any) -> AttrDict:
        """Return the output, the last hidden state, and the rnn's output if it has a name.

        Args:
            inputs: leaves `(B, H, …)`.
            hidden: the state before the first step; zeros when None.
        """
        refuse_kwargs(self, kwargs)
        features = self.features(self.normalize(inputs))
        if isinstance(features, list):
            features = torch.cat(features, dim=-1) if self.params.rnn_before_net else features
        if not self.params.rnn_before_net:
            features = self.run_net(features)
        mask_name = self.params.mask_name
        mask = inputs << mask_name if mask_name else None
        rnn_out, state = self.run_rnn(features, hidden, mask)
        result = self.finish(self.run_net(rnn_out) if self.params.rnn_before_net else rnn_out)
        if self.params.rnn_output_name:
            result[self.params.rnn_output_name] = rnn_out
        result[self.params.hidden_name] = state
        return result

    def run_rnn(
        self, features: Tensor, hidden: AttrDict | None, padding: Tensor | None
    ) -> tuple[Tensor, AttrDict]:
        """Run the recurrent network over `(B, H, D)`."""
        if padding is None:
            return recurrent.run(self.rnn, features, hidden)
        return recurrent.run_masked(self.rnn, features, hidden, padding.to(torch.bool))

    def initial_memory(self, batch_size: int) -> AttrDict:
        """The hidden state of an episode's beginning, by `hidden_name`."""
        like = next(self.rnn.parameters())
        return AttrDict({self.params.hidden_name: recurrent.zero_state(self.rnn, batch_size, like)})

    def online_step(
        self, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """One step `(B, 1, …)` from the hidden state in `memory`, which is left as it was."""
        name = self.params.hidden_name
        out = self(merged(obs, goal), hidden=memory[name])
        memory = memory.copy()
        memory[name] = out[name]
        return out, memory

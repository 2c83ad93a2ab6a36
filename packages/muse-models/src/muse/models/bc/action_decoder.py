"""From states to the distribution of actions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.core.params import Param
from muse.grouped_models.grouped_model import GroupedModel
from muse.models.head_params import build_head, head_params
from muse.models.model import is_image


class ActionDecoder(GroupedModel):
    """A decoder network with the head that turns its raw output into actions.

    Outputs: `raw_out_name` `(B, H, raw)`, each action `(B, H, *shape)` (its mean, where there is
    a distribution), the distribution's parameters at `dist_out_name`, and everything the decoder
    gives at `decoder`. The inputs come normalised from the model around it.
    """

    required_models: ClassVar[tuple[str, ...]] = ("decoder",)

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("decoder", Any, help="the network: a group with cls, or a Model"),
        Param(
            "input_names",
            list[str] | None,
            None,
            help="inputs in order; None: the observations that are not images",
        ),
        Param("action_names", list[str] | None, None, help="actions in order; None: the spec's"),
        Param("policy_in_size", int | None, None, help="input size; None: from the spec"),
        Param("raw_out_name", str, "policy_raw", help="name of the decoder's raw output"),
        Param("use_policy_dist", bool, False, help="a distribution of actions, not one action"),
        Param("use_tanh_out", bool, False, help="bound actions (or means) to (-1, 1) by tanh"),
        *head_params("policy_"),
    )

    #: Where the parameters of the action distribution are.
    dist_out_name: ClassVar[str] = "policy_dist"

    def build(self) -> None:
        params = self.params
        if params.normalize_inputs:
            raise ParamError(
                f"{type(self).__name__}: normalize_inputs=True, but its inputs come normalised; "
                "set it on the model around it"
            )
        self.action_names = list(params.action_names or self.env_spec.action_names)
        shapes = {name: tuple(self.env_spec.shape(name)) for name in self.action_names}
        self._action_shapes = shapes
        self._action_sizes = [math.prod(shape) for shape in shapes.values()]
        names = params.input_names
        if names is None:
            spec = self.env_spec
            names = [n for n in spec.observation_names if not is_image(spec, n)]
        self.input_names = list(names)
        dim = sum(self._action_sizes)
        self.head = build_head(params, dim, params.use_policy_dist, params.use_tanh_out, "policy_")
        super().build()

    @property
    def noise_size(self) -> int:
        return self.head.noise_size

    def initial_memory(self, batch_size: int) -> AttrDict:
        memory = self["decoder"].initial_memory(batch_size)
        return AttrDict(decoder=memory) if len(memory) else memory

    def compute(self, inputs: AttrDict, **kwargs: Any) -> AttrDict:
        """Return the actions for `inputs` `(B, H, …)`."""
        self._refuse_kwargs(kwargs)
        return self.finish(self.decoder(inputs, **self.get_kwargs("decoder", kwargs)))

    def online_step(
        self, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        memory = memory.copy()
        inputs = obs & goal if len(goal) else obs
        return self.finish(self.step_model("decoder", inputs, memory)), memory

    def finish(self, decoded: AttrDict) -> AttrDict:
        """Turn what the decoder gave into actions and their distribution."""
        raw = decoded[self.params.raw_out_name]
        dist = self.head(raw)
        out = self.split_actions(self.head.mean(dist))
        out[self.params.raw_out_name] = raw
        if self.head.noise_size:
            out[self.dist_out_name] = dist
        out["decoder"] = decoded
        return out

    def split_actions(self, flat: Tensor) -> AttrDict:
        """Return the actions by name from `(B, H, D)`."""
        if len(self.action_names) == 1:
            parts: Sequence[Tensor] = (flat,)
        else:
            parts = flat.split(self._action_sizes, dim=-1)
        out = AttrDict()
        for name, part in zip(self.action_names, parts, strict=True):
            shape = self._action_shapes[name]
            out[name] = part if len(shape) == 1 else part.reshape(*part.shape[:-1], *shape)
        return out

    def decode_action(
        self,
        out: AttrDict,
        names: Sequence[str],
        mode: str = "mean",
        uniform: Tensor | None = None,
        normal: Tensor | None = None,
    ) -> AttrDict:
        if not self.head.noise_size or mode == "mean":
            return out > list(names)
        value = self.head.decode(out[self.dist_out_name], mode, uniform, normal)
        return self.split_actions(value) > list(names)


def decoder_params() -> tuple[Param, ...]:
    """Declarations every ready-made decoder shares."""
    return (
        Param("decoder", Any, None, help="replaces the network described by the other params"),
        Param("mlp_activation", str, "relu", help="activation of hidden layers"),
    )

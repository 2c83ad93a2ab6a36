"""One network from several inputs to one output."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.core.params import Param
from muse.models.layers.build import build_all, build_network
from muse.models.model import Model, refuse_kwargs


class InputFlattener:
    """Puts named inputs side by side: `(*lead, *shape)` each to `(*lead, D)`.

    The spec says how many dimensions of an input are its own; a name the spec does not know is
    taken to have `(B, H)` in front.
    """

    def __init__(self, env_spec: Any, names: Sequence[str]) -> None:
        self.names = list(names)
        known = [name for name in names if name in env_spec]
        self.ranks = {n: len(env_spec.shape(n)) if n in known else None for n in names}
        self.sizes = {n: math.prod(env_spec.shape(n)) if n in known else None for n in names}

    @property
    def size(self) -> int:
        """The width D of the result.

        Raises:
            ParamError: when the spec does not know an input.
        """
        unknown = [n for n, size in self.sizes.items() if size is None]
        if unknown:
            raise ParamError(f"the env_spec has no shape for the inputs {unknown}; set in_size")
        return sum(size for size in self.sizes.values() if size is not None)

    def flat(self, inputs: AttrDict, name: str) -> Tensor:
        """Return one input as `(*lead, D)`, in floats."""
        value = inputs[name]
        rank = self.ranks[name]
        if rank == 0:
            value = value.unsqueeze(-1)
        elif rank is None:
            value = value if value.ndim == 3 else value.flatten(2)
        elif rank > 1:
            value = value.flatten(value.ndim - rank)
        return value if value.dtype.is_floating_point else value.float()

    def parts(self, inputs: AttrDict) -> list[Tensor]:
        """Return every input flat, in order."""
        return [self.flat(inputs, name) for name in self.names]


class BasicModel(Model):
    """Inputs side by side, through one network, to one output `(B, H, out)`.

    With `call_separate` the network runs on each input alone and the results are put side by
    side; `use_shared_params` then says whether it is the same network for all.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("model_inputs", list[str], help="inputs, in the order they are put side by side"),
        Param("model_output", str, help="name of the output"),
        Param("network", Any, help="LayerParams, SequentialParams, or a list of them"),
        Param("call_separate", bool, False, help="run the network on each input alone"),
        Param("use_shared_params", bool, True, help="the same weights for all separate calls"),
        Param("concat_dim", int, -1, help="dimension along which inputs are put side by side"),
    )

    net: nn.Module

    def build(self) -> None:
        self.model_inputs = list(self.params.model_inputs)
        self.model_output: str = self.params.model_output
        if not self.model_inputs:
            raise ParamError(f"{type(self).__name__}: model_inputs is empty, expected names")
        self.flattener = InputFlattener(self.env_spec, self.model_inputs)
        self.net = self.build_net()

    def build_net(self) -> nn.Module:
        """Build the network from the params."""
        network = self.params.network
        if not self.params.call_separate or self.params.use_shared_params:
            return build_network(network)
        count = len(self.model_inputs)
        if isinstance(network, (list, tuple)) and len(network) == count:
            return nn.ModuleList(build_all(network))
        return nn.ModuleList(build_network(network) for _ in range(count))

    def compute(self, inputs: AttrDict, **kwargs: Any) -> AttrDict:
        refuse_kwargs(self, kwargs)
        features = self.features(self.normalize(inputs))
        return self.finish(self.run_net(features))

    def finish(self, raw: Tensor) -> AttrDict:
        """Name the network's output `(B, H, out)`."""
        return AttrDict({self.model_output: raw})

    def features(self, inputs: AttrDict) -> Tensor | list[Tensor]:
        """Return the inputs side by side `(B, H, D)`, or one by one for separate calls."""
        parts = self.flattener.parts(inputs)
        if self.params.call_separate:
            return parts
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=self.params.concat_dim)

    def run_net(self, features: Tensor | list[Tensor]) -> Tensor:
        """Run the network on what `features` returned."""
        if isinstance(features, Tensor):
            return self.net(features)
        if isinstance(self.net, nn.ModuleList):
            outs = [net(part) for net, part in zip(self.net, features, strict=True)]
        else:
            outs = [self.net(part) for part in features]
        return torch.cat(outs, dim=self.params.concat_dim)

"""What models whose one output may end in a distribution have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.models.dist.head import DistributionHead
from muse.models.head_params import build_head


class OutputHead:
    """Mix-in of a `BasicModel`: the raw output goes through a head, `(B, H, raw)` to `(B, H, dim)`.

    The output is the value, or the mean of the distribution whose parameters are then at
    `<model_output>_dist`. The model's params hold those of `head_params`, `out_size`, `use_dist`
    and `use_tanh_out`.
    """

    params: AttrDict
    env_spec: Any
    model_output: str
    head: DistributionHead

    def make_head(self) -> DistributionHead:
        """Build the head from the params; to be called by `build_net`."""
        params = self.params
        size = params.out_size
        if size is None:
            size = self.env_spec.dim([self.model_output])
        return build_head(params, size, params.use_dist, params.use_tanh_out)

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

    def finish(self, raw: Tensor) -> AttrDict:
        dist = self.head(raw)
        out = AttrDict({self.model_output: self.head.mean(dist)})
        if self.head.noise_size:
            out[self.dist_out_name] = dist
        return out

    def decode_action(
        self,
        out: AttrDict,
        names: Sequence[str],
        mode: str = "mean",
        uniform: Tensor | None = None,
        normal: Tensor | None = None,
    ) -> AttrDict:
        result = out > list(names)
        if self.model_output in result and self.head.noise_size and mode != "mean":
            dist = out[self.dist_out_name]
            result[self.model_output] = self.head.decode(dist, mode, uniform, normal)
        return result

"""Independent categorical variables over bins of [-1, 1]."""

from __future__ import annotations

import torch
from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.models.dist.head import DistributionHead


class CategoricalHead(DistributionHead):
    """Each dimension takes one of `num_bins` equal bins of [-1, 1], by its own logits.

    Values stand for the bin they fall in, and a bin for its centre; `log_prob` is that of bins.
    """

    centers: Tensor

    def __init__(self, dim: int, num_bins: int = 21) -> None:
        super().__init__(dim)
        self.num_bins = num_bins
        centers = (torch.arange(num_bins) + 0.5) / num_bins * 2 - 1
        self.register_buffer("centers", centers, persistent=False)

    @property
    def raw_size(self) -> int:
        return self.dim * self.num_bins

    def forward(self, raw: Tensor) -> AttrDict:
        return AttrDict(logits=raw.unflatten(-1, (self.dim, self.num_bins)))

    def log_prob(self, dist: AttrDict, value: Tensor) -> Tensor:
        bins = ((value + 1) / 2 * self.num_bins).long().clamp(0, self.num_bins - 1)
        each = torch.log_softmax(dist["logits"], -1).gather(-1, bins.unsqueeze(-1))
        return each.squeeze(-1).sum(-1)

    def mean(self, dist: AttrDict) -> Tensor:
        return (torch.softmax(dist["logits"], -1) * self.centers).sum(-1)

    def mode(self, dist: AttrDict) -> Tensor:
        return self.centers[dist["logits"].argmax(-1)]

    def sample(self, dist: AttrDict, uniform: Tensor, normal: Tensor) -> Tensor:
        """Choose the bins by `normal`, mapped to a uniform number for each dimension."""
        each = torch.special.ndtr(normal).unsqueeze(-1)
        edges = torch.softmax(dist["logits"], -1).cumsum(-1)
        return self.centers[(each >= edges[..., :-1]).sum(-1)]

"""Diagonal Gaussian heads, plain and squashed by tanh."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.models.dist.scaled_head import ScaledHead, normal_log_prob


class GaussianHead(ScaledHead):
    """A diagonal Gaussian: raw is [means (dim) | scales (dim)]."""

    @property
    def raw_size(self) -> int:
        return 2 * self.dim

    def forward(self, raw: Tensor) -> AttrDict:
        mean, scale = self.bounded(*raw.split(self.dim, dim=-1))
        return AttrDict(mean=mean, scale=scale)

    def log_prob(self, dist: AttrDict, value: Tensor) -> Tensor:
        return normal_log_prob(value, dist["mean"], dist["scale"]).sum(-1)

    def mean(self, dist: AttrDict) -> Tensor:
        return dist["mean"]

    def sample(self, dist: AttrDict, uniform: Tensor, normal: Tensor) -> Tensor:
        return dist["mean"] + dist["scale"] * normal


class SquashedGaussianHead(GaussianHead):
    """`tanh` of a diagonal Gaussian, with support (-1, 1).

    Its `mean` is the tanh of the Gaussian's mean, which is its median; the true mean has no
    closed form.
    """

    #: Values this close to the bounds are pulled inside before atanh.
    MARGIN = 1e-6

    def log_prob(self, dist: AttrDict, value: Tensor) -> Tensor:
        inner = torch.atanh(value.clamp(-1 + self.MARGIN, 1 - self.MARGIN))
        # log |d tanh(u)/du| = 2 (log 2 - u - softplus(-2u)), stable for large |u|
        jacobian = 2 * (math.log(2.0) - inner - F.softplus(-2 * inner))
        return (normal_log_prob(inner, dist["mean"], dist["scale"]) - jacobian).sum(-1)

    def mean(self, dist: AttrDict) -> Tensor:
        return torch.tanh(dist["mean"])

    def sample(self, dist: AttrDict, uniform: Tensor, normal: Tensor) -> Tensor:
        return torch.tanh(dist["mean"] + dist["scale"] * normal)

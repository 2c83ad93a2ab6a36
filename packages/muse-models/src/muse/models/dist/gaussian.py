"""Diagonal Gaussian heads, plain and squashed by tanh."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.models.dist.head import DistributionHead

HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


def scale_of(raw: Tensor, activation: str, sig_min: float, sig_max: float) -> Tensor:
    """Return standard deviations within [sig_min, sig_max] from raw numbers."""
    if activation == "exp":
        return raw.clamp(math.log(sig_min), math.log(sig_max)).exp()
    return (F.softplus(raw) + sig_min).clamp(max=sig_max)


def normal_log_prob(value: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
    """Log density of independent normals, element by element."""
    return -0.5 * ((value - mean) / scale).square() - scale.log() - HALF_LOG_TWO_PI


def check_scale_args(owner: str, std_activation: str, sig_min: float, sig_max: float) -> None:
    if std_activation not in ("softplus", "exp"):
        raise ParamError(
            f"{owner}: std_activation={std_activation!r}, expected 'softplus' or 'exp'"
        )
    if not 0 < sig_min < sig_max:
        raise ParamError(f"{owner}: expected 0 < sig_min < sig_max, got {sig_min} and {sig_max}")


class GaussianHead(DistributionHead):
    """A diagonal Gaussian: raw is [means (dim) | scales (dim)].

    Args:
        use_tanh_mean: bound the means to (-1, 1), for variables normalised to that range.
        std_activation: "softplus" or "exp".
        sig_min, sig_max: bounds of the standard deviation, in units of the variable.
    """

    def __init__(
        self,
        dim: int,
        use_tanh_mean: bool = False,
        std_activation: str = "softplus",
        sig_min: float = 1e-5,
        sig_max: float = 1e5,
    ) -> None:
        super().__init__(dim)
        check_scale_args(type(self).__name__, std_activation, sig_min, sig_max)
        self.use_tanh_mean = use_tanh_mean
        self.std_activation = std_activation
        self.sig_min = sig_min
        self.sig_max = sig_max

    @property
    def raw_size(self) -> int:
        return 2 * self.dim

    def forward(self, raw: Tensor) -> AttrDict:
        mean, scale = raw.split(self.dim, dim=-1)
        if self.use_tanh_mean:
            mean = torch.tanh(mean)
        return AttrDict(
            mean=mean, scale=scale_of(scale, self.std_activation, self.sig_min, self.sig_max)
        )

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

"""What heads made of Gaussians have in common: bounded means and deviations."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from muse.core.errors import ParamError
from muse.models.dist.head import DistributionHead

HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


class ScaledHead(DistributionHead):
    """A head whose raw numbers become means and standard deviations.

    Args:
        dim: size of the variable.
        use_tanh_mean: bound the means to (-1, 1), for variables normalised to that range.
        std_activation: "softplus" or "exp".
        sig_min, sig_max: bounds of the standard deviations, in units of the variable.

    Raises:
        ParamError: for another activation, or bounds that are not 0 < sig_min < sig_max.
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
        owner = type(self).__name__
        if std_activation not in ("softplus", "exp"):
            raise ParamError(
                f"{owner}: std_activation={std_activation!r}, expected 'softplus' or 'exp'"
            )
        if not 0 < sig_min < sig_max:
            raise ParamError(
                f"{owner}: expected 0 < sig_min < sig_max, got {sig_min} and {sig_max}"
            )
        self.use_tanh_mean = use_tanh_mean
        self.std_activation = std_activation
        self.sig_min = sig_min
        self.sig_max = sig_max

    def bounded(self, mean: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
        """Return means and standard deviations from raw numbers, element by element."""
        if self.use_tanh_mean:
            mean = torch.tanh(mean)
        if self.std_activation == "exp":
            return mean, scale.clamp(math.log(self.sig_min), math.log(self.sig_max)).exp()
        return mean, (F.softplus(scale) + self.sig_min).clamp(max=self.sig_max)


def normal_log_prob(value: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
    """Log density of independent normals, element by element."""
    return -0.5 * ((value - mean) / scale).square() - scale.log() - HALF_LOG_TWO_PI

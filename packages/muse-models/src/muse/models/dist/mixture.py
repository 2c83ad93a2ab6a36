"""A mixture of diagonal Gaussians."""

from __future__ import annotations

import torch
from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.models.dist.scaled_head import ScaledHead, normal_log_prob


class GaussianMixtureHead(ScaledHead):
    """A mixture of K diagonal Gaussians with learned weights (a mixture density network).

    Raw is [logits (K) | means (K x dim) | scales (K x dim)]. Source: Bishop, "Mixture Density
    Networks", 1994, with the bounded means used for imitation by Mandlekar et al., 2021
    (arXiv 2108.03298).

    Args:
        num_mix: components K.
        dim, use_tanh_mean, std_activation, sig_min, sig_max: see `ScaledHead`.
    """

    def __init__(
        self,
        dim: int,
        num_mix: int = 5,
        use_tanh_mean: bool = True,
        std_activation: str = "softplus",
        sig_min: float = 1e-5,
        sig_max: float = 1e5,
    ) -> None:
        super().__init__(dim, use_tanh_mean, std_activation, sig_min, sig_max)
        if num_mix < 1:
            raise ParamError(f"{type(self).__name__}: num_mix={num_mix}, expected at least 1")
        self.num_mix = num_mix

    @property
    def raw_size(self) -> int:
        return (2 * self.dim + 1) * self.num_mix

    def forward(self, raw: Tensor) -> AttrDict:
        """Return logits `(…, K)`, mean and scale `(…, K, dim)`."""
        size = self.num_mix * self.dim
        logits, mean, scale = raw.split((self.num_mix, size, size), dim=-1)
        mean, scale = self.bounded(mean, scale)
        shape = (self.num_mix, self.dim)
        return AttrDict(
            logits=logits, mean=mean.unflatten(-1, shape), scale=scale.unflatten(-1, shape)
        )

    def log_prob(self, dist: AttrDict, value: Tensor) -> Tensor:
        each = normal_log_prob(value.unsqueeze(-2), dist["mean"], dist["scale"]).sum(-1)
        return torch.logsumexp(each + torch.log_softmax(dist["logits"], -1), -1)

    def mean(self, dist: AttrDict) -> Tensor:
        return (torch.softmax(dist["logits"], -1).unsqueeze(-1) * dist["mean"]).sum(-2)

    def mode(self, dist: AttrDict) -> Tensor:
        """Return the mean of the component whose peak is the highest.

        The peak of component k is proportional to its weight over the product of its deviations.
        """
        peak = torch.log_softmax(dist["logits"], -1) - dist["scale"].log().sum(-1)
        return _select(dist["mean"], peak.argmax(-1))

    def sample(self, dist: AttrDict, uniform: Tensor, normal: Tensor) -> Tensor:
        """Choose a component by `uniform`, then perturb its mean by `normal`."""
        edges = torch.softmax(dist["logits"], -1).cumsum(-1)
        chosen = (uniform.unsqueeze(-1) >= edges[..., :-1]).sum(-1)
        return _select(dist["mean"], chosen) + _select(dist["scale"], chosen) * normal


def _select(components: Tensor, chosen: Tensor) -> Tensor:
    """Return `(…, dim)`, the chosen ones `(…)` of components `(…, K, dim)`."""
    index = chosen[..., None, None].expand(*chosen.shape, 1, components.shape[-1])
    return components.gather(-2, index).squeeze(-2)

"""The contract of a distribution head, and the head that is no distribution."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from muse.core.attrdict import AttrDict


class DistributionHead(nn.Module):
    """Turns raw outputs `(…, raw_size)` into the parameters of a distribution over `(…, dim)`.

    The parameters travel as an AttrDict of tensors, so that they can be sliced, stored and sent
    like any other output; the head is what knows how to read them.

    Args:
        dim: size of the variable.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    @property
    def raw_size(self) -> int:
        """How many raw numbers the network has to give."""
        return self.dim

    @property
    def noise_size(self) -> int:
        """How many normal numbers one draw takes; 0 for a head that never draws."""
        return self.dim

    def forward(self, raw: Tensor) -> AttrDict:
        raise NotImplementedError

    def log_prob(self, dist: AttrDict, value: Tensor) -> Tensor:
        """Return the log density `(…)` of `value` `(…, dim)`, summed over the dimensions."""
        raise NotImplementedError

    def mean(self, dist: AttrDict) -> Tensor:
        """Return the mean `(…, dim)`."""
        raise NotImplementedError

    def mode(self, dist: AttrDict) -> Tensor:
        """Return the most likely value `(…, dim)`, up to what each head says."""
        return self.mean(dist)

    def sample(self, dist: AttrDict, uniform: Tensor, normal: Tensor) -> Tensor:
        """Return the draw `(…, dim)` that the given random numbers select.

        A pure function: the caller owns the randomness. Scaling `normal` down gives the
        low-noise draws common in evaluation; zeros give the centre of the chosen component.

        Args:
            uniform: `(…)` in [0, 1).
            normal: `(…, noise_size)` standard normal.
        """
        raise NotImplementedError

    def decode(
        self, dist: AttrDict, mode: str, uniform: Tensor | None = None, normal: Tensor | None = None
    ) -> Tensor:
        """Return mean, mode or a draw `(…, dim)`; draws come from torch's generator if not given."""
        if mode == "mean":
            return self.mean(dist)
        if mode == "mode":
            return self.mode(dist)
        like = self.mean(dist)
        if uniform is None:
            uniform = torch.rand(like.shape[:-1], device=like.device)
        if normal is None:
            normal = torch.randn((*like.shape[:-1], self.noise_size), device=like.device)
        return self.sample(dist, uniform, normal)


class DeterministicHead(DistributionHead):
    """One value and no distribution, optionally bounded to (-1, 1) by tanh."""

    def __init__(self, dim: int, use_tanh: bool = False) -> None:
        super().__init__(dim)
        self.use_tanh = use_tanh

    @property
    def noise_size(self) -> int:
        return 0

    def forward(self, raw: Tensor) -> AttrDict:
        return AttrDict(mean=torch.tanh(raw) if self.use_tanh else raw)

    def mean(self, dist: AttrDict) -> Tensor:
        return dist["mean"]

    def sample(self, dist: AttrDict, uniform: Tensor, normal: Tensor) -> Tensor:
        return dist["mean"]

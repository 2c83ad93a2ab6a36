"""Networks side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError


class BranchedModules(nn.Module):
    """Each branch sees its chunk of the input, or all of it.

    Args:
        branches: name -> module, in order.
        cat_dim: dimension along which the outputs are concatenated; None: they come as an
            AttrDict by name.
        split_dim: dimension along which the input is split; None: every branch sees all.
        split_sizes: size of each branch's chunk; None: equal chunks.
    """

    def __init__(
        self,
        branches: Mapping[str, nn.Module],
        cat_dim: int | None = None,
        split_dim: int | None = None,
        split_sizes: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self.branches = nn.ModuleDict(branches)
        self.cat_dim = cat_dim
        self.split_dim = split_dim
        self.split_sizes = None if split_sizes is None else list(split_sizes)

    def forward(self, x: Tensor) -> Any:
        """Return the concatenated outputs, or an AttrDict of them."""
        parts = self._split(x)
        outs = [branch(part) for branch, part in zip(self.branches.values(), parts, strict=True)]
        if self.cat_dim is not None:
            return torch.cat(outs, dim=self.cat_dim)
        return AttrDict(zip(self.branches, outs, strict=True))

    def _split(self, x: Tensor) -> Sequence[Tensor]:
        count = len(self.branches)
        if self.split_dim is None:
            return [x] * count
        if self.split_sizes is not None:
            return x.split(self.split_sizes, dim=self.split_dim)
        size = x.shape[self.split_dim]
        if size % count:
            raise ParamError(
                f"BranchedModules: dimension {self.split_dim} of size {size} does not divide into "
                f"{count} equal chunks; give split_sizes"
            )
        return x.chunk(count, dim=self.split_dim)

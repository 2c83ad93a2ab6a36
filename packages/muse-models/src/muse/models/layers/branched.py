"""Branches side by side, the module of `muse.utils.param_utils.BranchedModuleParams`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from muse.core.attrdict import AttrDict
from muse.core.errors import SpecError


class BranchedModules(nn.Module):
    """Run each branch on its chunk of the input, or on all of it.

    Args:
        branches: name → module, in order.
        cat_dim: dimension along which the outputs are concatenated; None: they come as an
            AttrDict name → output.
        split_dim: dimension along which the input is split; None: every branch sees all of it.
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
        self.names = list(branches)
        self.branches = nn.ModuleList(branches.values())
        self.cat_dim = cat_dim
        self.split_dim = split_dim
        self.split_sizes = None if split_sizes is None else list(split_sizes)

    def forward(self, x: Tensor) -> Tensor | AttrDict:
        outputs = [f(part) for f, part in zip(self.branches, self._parts(x), strict=True)]
        if self.cat_dim is None:
            return AttrDict(zip(self.names, outputs, strict=True))
        return torch.cat(outputs, dim=self.cat_dim)

    def _parts(self, x: Tensor) -> Sequence[Tensor]:
        if self.split_dim is None:
            return [x] * len(self.branches)
        size, count = x.shape[self.split_dim], len(self.branches)
        sizes = self.split_sizes
        if sizes is None:
            if size % count:
                raise SpecError(
                    f"BranchedModules: dimension {self.split_dim} has size {size}, "
                    f"expected a multiple of {count}, the number of branches"
                )
            sizes = [size // count] * count
        elif sum(sizes) != size:
            raise SpecError(
                f"BranchedModules: dimension {self.split_dim} has size {size}, "
                f"expected {sum(sizes)}, the sum of split_sizes"
            )
        return torch.split(x, sizes, dim=self.split_dim)

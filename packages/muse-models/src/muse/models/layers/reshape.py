"""Layers without weights that only change shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


class Reshape(nn.Module):
    """`(*lead, …)` -> `(*lead, *new_shape)`, keeping the first `keep` dimensions."""

    def __init__(self, new_shape: Sequence[int], keep: int = 1) -> None:
        super().__init__()
        self.new_shape = tuple(new_shape)
        self.keep = keep

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[: self.keep], *self.new_shape)


class SplitDim(nn.Module):
    """Split dimension `dim` into `new_shape`."""

    def __init__(self, dim: int, new_shape: Sequence[int]) -> None:
        super().__init__()
        self.dim = dim
        self.new_shape = tuple(new_shape)

    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(self.dim, self.new_shape)


class CombineDim(nn.Module):
    """Merge `num_dims` dimensions from `dim` on into one."""

    def __init__(self, dim: int, num_dims: int = 2) -> None:
        super().__init__()
        self.dim = dim
        self.num_dims = num_dims

    def forward(self, x: Tensor) -> Tensor:
        start = self.dim % x.ndim
        return x.flatten(start, start + self.num_dims - 1)


class Permute(nn.Module):
    """Reorder the dimensions after the first `keep` ones (`order` counts from there)."""

    def __init__(self, order: Sequence[int], keep: int = 1) -> None:
        super().__init__()
        self.order = tuple(order)
        self.keep = keep

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(*range(self.keep), *(self.keep + o for o in self.order))


class ListSelect(nn.Module):
    """Take one of a list or tuple of results."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index

    def forward(self, xs: Sequence[Any]) -> Any:
        return xs[self.index]


class ListFromDim(nn.Module):
    """Split a dimension into a list of tensors without it."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> list[Tensor]:
        return list(x.unbind(self.dim))


class ListConcat(nn.Module):
    """Concatenate a list of tensors."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, xs: Sequence[Tensor]) -> Tensor:
        return torch.cat(list(xs), dim=self.dim)


class Functional(nn.Module):
    """Apply an importable function."""

    def __init__(self, fn: Callable[[Any], Any]) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, x: Any) -> Any:
        return self.fn(x)


class ExtractKeys(nn.Module):
    """Take one or several names of an AttrDict."""

    def __init__(self, keys: str | Sequence[str]) -> None:
        super().__init__()
        self.keys = keys

    def forward(self, x: Any) -> Any:
        return x[self.keys] if isinstance(self.keys, str) else [x[key] for key in self.keys]

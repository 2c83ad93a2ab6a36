"""Linear layers beyond torch's own."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualLinear(nn.Module):
    """`x + W x + b`; the input and output sizes must agree."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        if in_features != out_features:
            raise ValueError(
                f"residual_linear: in_features={in_features} and out_features={out_features} differ"
            )
        self.linear = nn.Linear(in_features, out_features, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.linear(x)


class MaskedLinear(nn.Linear):
    """A linear map in blocks: output chunk i sees only input chunks up to and including i.

    Args:
        mask_chunks: in how many chunks input and output are cut.
        in_sizes: sizes of the input chunks; equal ones by default.
        out_sizes: sizes of the output chunks; equal ones by default.
    """

    mask: Tensor

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        mask_chunks: int = 1,
        in_sizes: list[int] | None = None,
        out_sizes: list[int] | None = None,
    ) -> None:
        super().__init__(in_features, out_features, bias=bias)
        rows = _chunk_of(out_features, mask_chunks, out_sizes)
        columns = _chunk_of(in_features, mask_chunks, in_sizes)
        mask = (columns[None, :] <= rows[:, None]).to(self.weight.dtype)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.mask, self.bias)


def _chunk_of(size: int, chunks: int, sizes: list[int] | None) -> Tensor:
    """Return for each of `size` features the number of its chunk `(size,)`."""
    if sizes is None:
        if size % chunks:
            raise ValueError(f"mask_linear: {size} features do not divide into {chunks} chunks")
        sizes = [size // chunks] * chunks
    if len(sizes) != chunks or sum(sizes) != size:
        raise ValueError(
            f"mask_linear: chunk sizes {sizes} do not make {chunks} chunks of {size} features"
        )
    return torch.repeat_interleave(torch.arange(chunks), torch.tensor(sizes))

"""What models with a distribution at their end have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from muse.core.attrdict import AttrDict
from muse.models.dist.head import DistributionHead


def put_head(
    head: DistributionHead, raw: Tensor, out: AttrDict, name: str, dist_name: str
) -> AttrDict:
    """Put the distribution of `raw` `(B, H, raw)` and its mean `(B, H, dim)` into `out`.

    A head without distribution gives only its value.
    """
    dist = head(raw)
    out[name] = head.mean(dist)
    if head.noise_size:
        out[dist_name] = dist
    return out


def decode_head(
    head: DistributionHead,
    out: Mapping[str, Any],
    name: str,
    dist_name: str,
    mode: str,
    uniform: Tensor | None,
    normal: Tensor | None,
) -> Tensor:
    """Return mean, mode or draw `(B, H, dim)` of what `put_head` left in `out`."""
    if not head.noise_size or mode == "mean":
        return out[name]
    return head.decode(out[dist_name], mode, uniform, normal)

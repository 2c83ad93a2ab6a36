"""Random rectangles blacked out, in training only."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class ErasingRandomizer(nn.Module):
    """Black out a rectangle of `(B, H, C, h, w)` in some rows, the same over H.

    Source: Zhong et al., "Random erasing data augmentation", 2017 (arXiv 1708.04896).

    Args:
        p: probability that a row is changed.
        scale: smallest and largest part of the area.
        ratio: smallest and largest height over width.
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: tuple[float, float] = (0.02, 0.33),
        ratio: tuple[float, float] = (0.3, 3.3),
    ) -> None:
        super().__init__()
        self.p = p
        self.scale = scale
        self.ratio = ratio

    def forward(self, images: Tensor) -> Tensor:
        """Return the images with rectangles at 0; as they are in evaluation."""
        if not self.training:
            return images
        height, width = images.shape[-2:]
        # drawn on the CPU so that its generator alone decides
        chance, area, shape, top, left = torch.rand(5, images.shape[0])
        area = (self.scale[0] + (self.scale[1] - self.scale[0]) * area) * height * width
        low, high = math.log(self.ratio[0]), math.log(self.ratio[1])
        ratio = (low + (high - low) * shape).exp()
        tall = (area * ratio).sqrt().clamp(max=height)
        wide = (area / ratio).sqrt().clamp(max=width)
        rows = _between(height, top * (height - tall), tall)
        columns = _between(width, left * (width - wide), wide)
        erased = rows[:, :, None] & columns[:, None, :] & (chance < self.p)[:, None, None]
        return images.masked_fill(erased[:, None, None].to(images.device), 0)


def _between(size: int, start: Tensor, length: Tensor) -> Tensor:
    """Return `(B, size)`: which positions lie in [start, start + length)."""
    at = torch.arange(size)
    return (at >= start[:, None].floor()) & (at < (start + length)[:, None].floor())

"""Random changes of colour, in training only."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

#: Grey value of an RGB colour (ITU-R BT.601).
GREY = (0.299, 0.587, 0.114)

#: RGB to YIQ (NTSC, FCC 1953), in which a rotation of I and Q is a change of hue.
RGB_TO_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))


class ColorRandomizer(nn.Module):
    """Brightness, contrast, saturation and hue of `(B, H, 3, h, w)` in [0, 1], alike over H.

    Args:
        brightness, contrast, saturation: each is multiplied by 1 ± this much.
        hue: turned by ± this part of a full turn, as a rotation in YIQ.
    """

    to_yiq: Tensor
    from_yiq: Tensor
    grey: Tensor

    def __init__(
        self,
        brightness: float = 0.3,
        contrast: float = 0.3,
        saturation: float = 0.3,
        hue: float = 0.05,
    ) -> None:
        super().__init__()
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue
        to_yiq = torch.tensor(RGB_TO_YIQ)
        self.register_buffer("to_yiq", to_yiq, persistent=False)
        self.register_buffer("from_yiq", torch.linalg.inv(to_yiq), persistent=False)
        self.register_buffer("grey", torch.tensor(GREY).view(3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return the images changed; as they are in evaluation."""
        if not self.training:
            return images
        # drawn on the CPU so that its generator alone decides
        draws = (torch.rand(4, images.shape[0]) * 2 - 1).to(images.device, images.dtype)
        draws = draws.view(4, -1, 1, 1, 1, 1)
        images = images * (1 + self.brightness * draws[0])
        mean = (images * self.grey).sum(2, keepdim=True).mean((-2, -1), keepdim=True)
        images = mean + (images - mean) * (1 + self.contrast * draws[1])
        grey = (images * self.grey).sum(2, keepdim=True)
        images = grey + (images - grey) * (1 + self.saturation * draws[2])
        if self.hue:
            images = self._turn(images, 2 * math.pi * self.hue * draws[3].flatten())
        return images.clamp(0, 1)

    def _turn(self, images: Tensor, angles: Tensor) -> Tensor:
        """Rotate the hue of row b by `angles[b]` (rad)."""
        cos, sin = angles.cos(), angles.sin()
        one, zero = torch.ones_like(cos), torch.zeros_like(cos)
        turn = torch.stack((one, zero, zero, zero, cos, -sin, zero, sin, cos), -1).view(-1, 3, 3)
        matrix = self.from_yiq.to(images.dtype) @ turn @ self.to_yiq.to(images.dtype)
        return torch.einsum("bij,bkjhw->bkihw", matrix, images)

"""Where in the image: expected coordinates under a softmax over the positions of each channel."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from muse.core.errors import ParamError


class SpatialSoftmax(nn.Module):
    """`(N, C, h, w)` to keypoints `(N, 2 K)`: x and y of each in [-1, 1], x to the right, y down.

    Source: Levine et al., "End-to-end training of deep visuomotor policies", 2015
    (arXiv 1504.00702), section 5.1; -1 and 1 are the centres of the border pixels.

    Args:
        in_channels: C.
        num_keypoints: K, by a 1x1 convolution from C; None: one a channel.
        temperature: of the softmax; a smaller one gives sharper peaks.
        learn_temperature: whether it is trained.
    """

    temperature: Tensor

    def __init__(
        self,
        in_channels: int,
        num_keypoints: int | None = None,
        temperature: float = 1.0,
        learn_temperature: bool = False,
    ) -> None:
        super().__init__()
        if temperature <= 0:
            raise ParamError(f"SpatialSoftmax: temperature={temperature}, expected > 0")
        self.to_keypoints = (
            nn.Identity() if num_keypoints is None else nn.Conv2d(in_channels, num_keypoints, 1)
        )
        self.num_keypoints = in_channels if num_keypoints is None else num_keypoints
        value = torch.tensor(float(temperature))
        if learn_temperature:
            self.temperature = nn.Parameter(value)
        else:
            self.register_buffer("temperature", value)

    @property
    def out_size(self) -> int:
        """2 K."""
        return 2 * self.num_keypoints

    def forward(self, features: Tensor) -> Tensor:
        """Return `(N, 2 K)`, ordered x1, y1, x2, y2, …."""
        features = self.to_keypoints(features)
        height, width = features.shape[-2:]
        weights = torch.softmax(features.flatten(2) / self.temperature, dim=-1)
        weights = weights.unflatten(-1, (height, width))
        xs = torch.linspace(-1, 1, width, device=features.device, dtype=features.dtype)
        ys = torch.linspace(-1, 1, height, device=features.device, dtype=features.dtype)
        x = (weights.sum(-2) * xs).sum(-1)
        y = (weights.sum(-1) * ys).sum(-1)
        return torch.stack((x, y), dim=-1).flatten(1)

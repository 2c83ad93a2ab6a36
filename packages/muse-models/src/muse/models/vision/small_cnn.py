"""A small convolutional network for small images, such as 64x64, on a CPU."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


class SmallCNN(nn.Module):
    """Strided convolutions, then one at full resolution: `(N, C, h, w)` to `(N, K, h/4, w/4)`.

    Args:
        in_channels: channels of the images.
        channels: of each convolution; all but the last two halve nothing further.
    """

    def __init__(self, in_channels: int = 3, channels: Sequence[int] = (32, 32, 64)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = in_channels
        for i, out in enumerate(channels):
            stride = 2 if i < 2 else 1
            layers += [nn.Conv2d(width, out, 3, stride, 1), nn.ReLU(inplace=True)]
            width = out
        self.net = nn.Sequential(*layers)
        self.out_channels = width

    def forward(self, x: Tensor) -> Tensor:
        """`(N, in_channels, h, w)` to the feature map."""
        return self.net(x)

"""Residual networks whose weights have the names that torchvision gives them.

Source: He et al., "Deep residual learning for image recognition", 2015 (arXiv 1512.03385), with
the stride of a bottleneck on its 3x3 convolution, as the published weights have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from torch import Tensor, nn

from muse.core.errors import ParamError
from muse.models.restore import load_state, read_weights

Norm = Callable[[int], nn.Module]


def batch_norm(channels: int) -> nn.Module:
    """Batch normalisation."""
    return nn.BatchNorm2d(channels)


def group_norm(channels: int) -> nn.Module:
    """Group normalisation with 16 channels a group; it does not mix the images of a batch."""
    return nn.GroupNorm(max(channels // 16, 1), channels)


#: What the `norm` parameter of encoders may be.
NORMS: dict[str, Norm] = {"batch": batch_norm, "group": group_norm}


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    expansion = 1

    def __init__(self, inplanes: int, planes: int, stride: int, norm: Norm) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = norm(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = norm(planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(inplanes, planes, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, inplanes, h, w)` to `(N, planes, h / stride, w / stride)`."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut."""

    expansion = 4

    def __init__(self, inplanes: int, planes: int, stride: int, norm: Norm) -> None:
        super().__init__()
        width = planes * self.expansion
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = norm(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = norm(planes)
        self.conv3 = nn.Conv2d(planes, width, 1, bias=False)
        self.bn3 = norm(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(inplanes, width, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, inplanes, h, w)` to `(N, 4 planes, h / stride, w / stride)`."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


def shortcut(inplanes: int, outplanes: int, stride: int, norm: Norm) -> nn.Sequential | None:
    """Return the projection of a shortcut, None where the shapes already agree."""
    if stride == 1 and inplanes == outplanes:
        return None
    return nn.Sequential(nn.Conv2d(inplanes, outplanes, 1, stride, bias=False), norm(outplanes))


class ResNet(nn.Module):
    """A residual network.

    Args:
        block: `BasicBlock` or `Bottleneck`.
        depths: blocks in each of the four stages.
        num_classes: outputs of the classifier; None leaves pooling and classifier away, and the
            result is the last feature map `(N, channels, h / 32, w / 32)`.
        in_channels: channels of the images.
        norm: "batch" or "group".
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: Sequence[int],
        num_classes: int | None = 1000,
        in_channels: int = 3,
        norm: str = "batch",
    ) -> None:
        super().__init__()
        if norm not in NORMS:
            raise ParamError(f"ResNet: norm={norm!r}, expected one of {sorted(NORMS)}")
        make_norm = NORMS[norm]
        self.conv1 = nn.Conv2d(in_channels, 64, 7, 2, 3, bias=False)
        self.bn1 = make_norm(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        width = 64
        for stage, (planes, depth) in enumerate(zip((64, 128, 256, 512), depths, strict=True), 1):
            blocks: list[nn.Module] = []
            for i in range(depth):
                stride = 2 if i == 0 and stage > 1 else 1
                blocks.append(block(width, planes, stride, make_norm))
                width = planes * block.expansion
            self.add_module(f"layer{stage}", nn.Sequential(*blocks))
        self.out_channels = width
        self.fc = None if num_classes is None else nn.Linear(width, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """`(N, in_channels, h, w)` to classes `(N, num_classes)` or the last feature map."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x if self.fc is None else self.fc(x.mean((-2, -1)))

    def load_weights(self, file: str | Path) -> None:
        """Load a file of weights by torchvision's names; a classifier not in use is left out.

        Raises:
            CheckpointError: when the file cannot be read or holds another network.
        """
        state = read_weights(file, "weights_file", "a state dict saved by torch")
        if self.fc is None:
            state = {k: v for k, v in state.items() if not k.startswith("fc.")}
        load_state(self, state, strict=True, owner=f"weights_file {file}")


def resnet18(num_classes: int | None = 1000, in_channels: int = 3, norm: str = "batch") -> ResNet:
    """ResNet-18, 11,689,512 parameters with 1000 classes."""
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes, in_channels, norm)


def resnet34(num_classes: int | None = 1000, in_channels: int = 3, norm: str = "batch") -> ResNet:
    """ResNet-34, 21,797,672 parameters with 1000 classes."""
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes, in_channels, norm)


def resnet50(num_classes: int | None = 1000, in_channels: int = 3, norm: str = "batch") -> ResNet:
    """ResNet-50, 25,557,032 parameters with 1000 classes."""
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes, in_channels, norm)

"""From one stack of images to feature vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from muse.core.errors import ParamError, SpecError
from muse.models.vision.color import ColorRandomizer
from muse.models.vision.crop import CropRandomizer
from muse.models.vision.erasing import ErasingRandomizer
from muse.models.vision.resnet import resnet18, resnet34, resnet50
from muse.models.vision.small_cnn import SmallCNN
from muse.models.vision.spatial_softmax import SpatialSoftmax

_RESNETS = {"resnet18": resnet18, "resnet34": resnet34, "resnet50": resnet50}

#: What the `backbone` of an encoder may be.
BACKBONES = (*_RESNETS, "small_cnn")

#: Mean and deviation of ImageNet, which published ResNet weights expect taken off.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class VisionCore(nn.Module):
    """uint8 RGB images `(B, H, h, w, C)` to features `(B, H, img_embed_size)`.

    Crop (random in training, centre in evaluation, alike over H), scale to [-1, 1], change
    colours and erase (in training), run the backbone, then take `img_embed_size / 2` keypoints
    by spatial softmax (one linear layer on pooled features without), and a linear layer.

    Args:
        image_shape: (h, w, C).
        backbone: one of `BACKBONES`.
        crop_random_frac: size of the crop over that of the image; 1 takes the whole.
        use_spatial_softmax: keypoints, else average pooling.
        temperature: of the spatial softmax.
        use_color_randomizer, use_erasing_randomizer: augmentations in training.
        img_embed_size: size of the result.
        norm: "batch" or "group", for a ResNet.
        weights_file: ResNet weights by torchvision's names; images are then scaled by
            ImageNet's statistics, which those weights expect.
    """

    shift: Tensor
    scale: Tensor

    def __init__(
        self,
        image_shape: Sequence[int],
        backbone: str = "resnet18",
        crop_random_frac: float = 0.9,
        use_spatial_softmax: bool = True,
        temperature: float = 1.0,
        use_color_randomizer: bool = False,
        use_erasing_randomizer: bool = False,
        img_embed_size: int = 64,
        norm: str = "batch",
        weights_file: str | Path | None = None,
    ) -> None:
        super().__init__()
        height, width, channels = _check(image_shape, backbone, crop_random_frac, img_embed_size)
        self.image_shape = (height, width, channels)
        self.img_embed_size = img_embed_size
        self.crop = (
            CropRandomizer(round(height * crop_random_frac), round(width * crop_random_frac))
            if crop_random_frac < 1
            else None
        )
        self.color = ColorRandomizer() if use_color_randomizer else None
        self.erasing = ErasingRandomizer() if use_erasing_randomizer else None
        self.backbone = _build_backbone(backbone, channels, norm, weights_file)
        width = self.backbone.out_channels
        if use_spatial_softmax:
            keypoints = SpatialSoftmax(width, max(img_embed_size // 2, 1), temperature)
            self.pool: nn.Module = keypoints
            width = keypoints.out_size
        else:
            self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(1))
        self.project = nn.Linear(width, img_embed_size)
        published = weights_file is not None and channels == 3
        shift = torch.tensor(IMAGENET_MEAN if published else (0.5,))
        scale = torch.tensor(IMAGENET_STD if published else (0.5,))
        self.register_buffer("shift", shift.view(-1, 1, 1), persistent=True)
        self.register_buffer("scale", scale.view(-1, 1, 1), persistent=True)

    def forward(self, images: Tensor) -> Tensor:
        """Return features for uint8 images; B and H are folded into one for the backbone."""
        if images.dtype != torch.uint8 or images.ndim != 5:
            raise SpecError(
                f"images are {images.dtype} {tuple(images.shape)}, expected torch.uint8 "
                "(B, H, height, width, channels); leave scaling to the encoder"
            )
        batch, horizon = images.shape[:2]
        if self.crop is not None:
            images = self.crop(images)
        x = images.permute(0, 1, 4, 2, 3).to(self.scale.dtype).div_(255)
        if self.color is not None:
            x = self.color(x)
        if self.erasing is not None:
            x = self.erasing(x)
        x = x.flatten(0, 1).sub(self.shift).div_(self.scale)
        return self.project(self.pool(self.backbone(x))).unflatten(0, (batch, horizon))


def _check(
    image_shape: Sequence[int], backbone: str, crop_random_frac: float, img_embed_size: int
) -> tuple[int, int, int]:
    if len(image_shape) != 3:
        raise ParamError(
            f"VisionCore: image_shape={list(image_shape)}, expected (height, width, channels)"
        )
    if backbone not in BACKBONES:
        raise ParamError(f"VisionCore: backbone={backbone!r}, expected one of {BACKBONES}")
    if not 0 < crop_random_frac <= 1:
        raise ParamError(f"VisionCore: crop_random_frac={crop_random_frac}, expected in (0, 1]")
    if img_embed_size < 1:
        raise ParamError(f"VisionCore: img_embed_size={img_embed_size}, expected at least 1")
    height, width, channels = (int(n) for n in image_shape)
    return height, width, channels


def _build_backbone(
    name: str, channels: int, norm: str, weights_file: str | Path | None
) -> nn.Module:
    if name not in _RESNETS:
        if weights_file is not None:
            raise ParamError(f"VisionCore: weights_file is for a ResNet, not for {name!r}")
        return SmallCNN(channels)
    net = _RESNETS[name](num_classes=None, in_channels=channels, norm=norm)
    if weights_file is not None:
        net.load_weights(weights_file)
    return net

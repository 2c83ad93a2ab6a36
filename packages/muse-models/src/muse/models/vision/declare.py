"""Declarations of vision layers; importing this needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muse.utils.param_utils import LayerParams


def get_resnet18_encoder_layer(
    image_shape: Sequence[int],
    crop_random_frac: float = 0.9,
    use_spatial_softmax: bool = True,
    use_color_randomizer: bool = False,
    use_erasing_randomizer: bool = False,
    img_embed_size: int = 64,
    **others: Any,
) -> LayerParams:
    """Declare a ResNet-18 encoder of images `image_shape` (h, w, C) to `img_embed_size` numbers.

    Args:
        others: further arguments of `muse.models.vision.core.VisionCore`.
    """
    return LayerParams(
        "vision_core",
        image_shape=list(image_shape),
        backbone="resnet18",
        crop_random_frac=crop_random_frac,
        use_spatial_softmax=use_spatial_softmax,
        use_color_randomizer=use_color_randomizer,
        use_erasing_randomizer=use_erasing_randomizer,
        img_embed_size=img_embed_size,
        **others,
    )

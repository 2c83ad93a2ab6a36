"""Vision: encoders from uint8 (H, W, C) RGB images to features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.models.vision.color import ColorRandomizer as ColorRandomizer
    from muse.models.vision.core import VisionCore as VisionCore
    from muse.models.vision.crop import CropRandomizer as CropRandomizer
    from muse.models.vision.declare import get_resnet18_encoder_layer as get_resnet18_encoder_layer
    from muse.models.vision.encoder import VisionEncoder as VisionEncoder
    from muse.models.vision.erasing import ErasingRandomizer as ErasingRandomizer
    from muse.models.vision.resnet import ResNet as ResNet
    from muse.models.vision.resnet import resnet18 as resnet18
    from muse.models.vision.resnet import resnet34 as resnet34
    from muse.models.vision.resnet import resnet50 as resnet50
    from muse.models.vision.small_cnn import SmallCNN as SmallCNN
    from muse.models.vision.spatial_softmax import SpatialSoftmax as SpatialSoftmax

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "color": ("ColorRandomizer",),
        "core": ("VisionCore",),
        "crop": ("CropRandomizer",),
        "declare": ("get_resnet18_encoder_layer",),
        "encoder": ("VisionEncoder",),
        "erasing": ("ErasingRandomizer",),
        "resnet": ("ResNet", "resnet18", "resnet34", "resnet50"),
        "small_cnn": ("SmallCNN",),
        "spatial_softmax": ("SpatialSoftmax",),
    },
)

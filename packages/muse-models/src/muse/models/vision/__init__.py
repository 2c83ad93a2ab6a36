"""Vision: encoders from uint8 (H, W, C) RGB images to features."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "VisionEncoder": "encoder",
    "VisionCore": "core",
    "SpatialSoftmax": "spatial_softmax",
    "ResNet": "resnet",
    "resnet18": "resnet",
    "resnet34": "resnet",
    "resnet50": "resnet",
    "SmallCNN": "small_cnn",
    "CropRandomizer": "crop",
    "ColorRandomizer": "color",
    "ErasingRandomizer": "erasing",
    "get_resnet18_encoder_layer": "declare",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

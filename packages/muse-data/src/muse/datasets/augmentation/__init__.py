"""Changes to training batches: noise on states, crops, colours and gaps of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.datasets.augmentation.color_jitter import ColorJitter as ColorJitter
    from muse.datasets.augmentation.context import AugmentContext as AugmentContext
    from muse.datasets.augmentation.data_augmentation import DataAugmentation as DataAugmentation
    from muse.datasets.augmentation.gaussian_noise import GaussianNoise as GaussianNoise
    from muse.datasets.augmentation.gaussian_noise import get_augment_fn as get_augment_fn
    from muse.datasets.augmentation.masked_noise import MaskedNoise as MaskedNoise
    from muse.datasets.augmentation.masked_noise import (
        get_masked_augment_fn as get_masked_augment_fn,
    )
    from muse.datasets.augmentation.random_crop import RandomCrop as RandomCrop
    from muse.datasets.augmentation.random_erasing import RandomErasing as RandomErasing

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "color_jitter": ("ColorJitter",),
        "context": ("AugmentContext",),
        "data_augmentation": ("DataAugmentation",),
        "gaussian_noise": ("GaussianNoise", "get_augment_fn"),
        "masked_noise": ("MaskedNoise", "get_masked_augment_fn"),
        "random_crop": ("RandomCrop",),
        "random_erasing": ("RandomErasing",),
    },
)

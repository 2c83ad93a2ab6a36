"""The import path that configs know; the classes live in `muse.datasets.augmentation`."""

from muse.datasets.augmentation.data_augmentation import DataAugmentation as DataAugmentation
from muse.datasets.augmentation.gaussian_noise import GaussianNoise as GaussianNoise

"""Datasets: recorded episodes, handed out as batches of windows.

Names are handed on when first asked for: torch, where installed, is imported with `Dataset` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.datasets.dataset import Dataset as Dataset
    from muse.datasets.hdf5_dataset import Hdf5Dataset as Hdf5Dataset
    from muse.datasets.mixture_dataset import MixtureDataset as MixtureDataset
    from muse.datasets.np_dataset import NpDataset as NpDataset
    from muse.datasets.np_interaction_dataset import NpInteractionDataset as NpInteractionDataset
    from muse.datasets.np_sequence_dataset import NpSequenceDataset as NpSequenceDataset
    from muse.datasets.prefetch_loader import PrefetchLoader as PrefetchLoader
    from muse.datasets.preprocess.data_preprocessor import DataPreprocessor as DataPreprocessor
    from muse.datasets.samplers.sampler import Sampler as Sampler
    from muse.datasets.samplers.sequential_sampler import SequentialSampler as SequentialSampler
    from muse.datasets.store_dataset import StoreDataset as StoreDataset
    from muse.datasets.window_dataset import WindowDataset as WindowDataset

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "dataset": ("Dataset",),
        "hdf5_dataset": ("Hdf5Dataset",),
        "mixture_dataset": ("MixtureDataset",),
        "np_dataset": ("NpDataset",),
        "np_interaction_dataset": ("NpInteractionDataset",),
        "np_sequence_dataset": ("NpSequenceDataset",),
        "prefetch_loader": ("PrefetchLoader",),
        "preprocess.data_preprocessor": ("DataPreprocessor",),
        "samplers.sampler": ("Sampler",),
        "samplers.sequential_sampler": ("SequentialSampler",),
        "store_dataset": ("StoreDataset",),
        "window_dataset": ("WindowDataset",),
    },
)

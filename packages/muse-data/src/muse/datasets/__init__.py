"""Datasets: recorded episodes, handed out as batches of windows.

Names are handed on when first asked for: torch, where installed, is imported with `Dataset` only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muse.datasets.dataset import Dataset
    from muse.datasets.np_dataset import NpDataset
    from muse.datasets.np_sequence_dataset import NpSequenceDataset
    from muse.datasets.preprocess.data_preprocessor import DataPreprocessor
    from muse.datasets.samplers.sampler import Sampler
    from muse.datasets.samplers.sequential_sampler import SequentialSampler

__all__ = [
    "DataPreprocessor",
    "Dataset",
    "NpDataset",
    "NpSequenceDataset",
    "Sampler",
    "SequentialSampler",
]
_HOMES = {
    "DataPreprocessor": "preprocess.data_preprocessor",
    "Dataset": "dataset",
    "NpDataset": "np_dataset",
    "NpSequenceDataset": "np_sequence_dataset",
    "Sampler": "samplers.sampler",
    "SequentialSampler": "samplers.sequential_sampler",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

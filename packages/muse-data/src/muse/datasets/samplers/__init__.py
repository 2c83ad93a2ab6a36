"""Samplers: which windows the next batch consists of."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muse.datasets.samplers.sampler import Sampler
    from muse.datasets.samplers.sequential_sampler import SequentialSampler

__all__ = ["Sampler", "SequentialSampler"]
_HOMES = {"Sampler": "sampler", "SequentialSampler": "sequential_sampler"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

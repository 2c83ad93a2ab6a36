"""Distribution heads: raw network outputs to distribution parameters, log-probabilities, draws."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "DistributionHead": "head",
    "DeterministicHead": "head",
    "GaussianHead": "gaussian",
    "SquashedGaussianHead": "gaussian",
    "GaussianMixtureHead": "mixture",
    "CategoricalHead": "categorical",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

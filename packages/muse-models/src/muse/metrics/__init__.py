"""Metrics: numbers worked out of inputs, outputs and what a model made of them."""

from __future__ import annotations

from typing import Any

_HOMES = {"Metric": "metric", "ExtractMetric": "extract_metric"}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import torch only when a metric is asked for."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

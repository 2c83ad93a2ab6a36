"""Metrics: numbers worked out of inputs, outputs and what a model made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.metrics.extract_metric import ExtractMetric as ExtractMetric
    from muse.metrics.metric import Metric as Metric

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "extract_metric": ("ExtractMetric",),
        "metric": ("Metric",),
    },
)

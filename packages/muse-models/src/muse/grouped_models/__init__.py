"""Models made of named models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.grouped_models.grouped_model import GroupedModel as GroupedModel

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "grouped_model": ("GroupedModel",),
    },
)

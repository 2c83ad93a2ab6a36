"""Models made of named models."""

from __future__ import annotations

from typing import Any

__all__ = ["GroupedModel"]


def __getattr__(name: str) -> Any:
    """Import torch only when the class is asked for."""
    if name == "GroupedModel":
        from muse.grouped_models.grouped_model import GroupedModel

        return GroupedModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

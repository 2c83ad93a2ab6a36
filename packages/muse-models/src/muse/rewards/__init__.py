"""Rewards: one number a step, from what happened and possibly from a model."""

from __future__ import annotations

from typing import Any

_HOMES = {"Reward": "reward", "OutputReward": "output_reward"}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a reward when it is asked for."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

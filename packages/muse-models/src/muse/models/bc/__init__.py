"""Behaviour cloning: action decoders, and the model that feeds them."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "ActionDecoder": "action_decoder",
    "MLPActionDecoder": "mlp_action_decoder",
    "RNNActionDecoder": "rnn_action_decoder",
    "BaseGCBC": "gcbc",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

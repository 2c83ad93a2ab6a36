"""Models: modules that take and return AttrDicts, with their normalisation saved inside them."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "Model": "model",
    "BasicModel": "basic_model",
    "DefaultMLPModel": "mlp_model",
    "RnnModel": "rnn_model",
    "DefaultRnnModel": "default_rnn_model",
    "FunctionModel": "function_model",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a model the first time it is asked for, so that configs load without torch."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

"""Reading weights and loading a state dict, with errors that name what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from muse.core.errors import CheckpointError


def read_weights(path: str | Path, what: str, expected: str) -> Any:
    """Return what a file written by `torch.save` holds, on the CPU; only data is unpickled.

    Args:
        what: what the file is called in an error.
        expected: what it should be, for the same.

    Raises:
        CheckpointError: it is missing or cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"no {what} {path}; check the name and the folder")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise CheckpointError(f"cannot read {what} {path}: {error}; expected {expected}") from error


def load_state(
    module: nn.Module, state: Mapping[str, Any], strict: bool, owner: str = ""
) -> list[str]:
    """Copy `state` into `module` and return the names that did not fit.

    When strict, nothing is copied unless everything fits.

    Args:
        owner: what the module is called in an error; its class by default.

    Raises:
        CheckpointError: when strict and a name is missing, unexpected or of another shape.
    """
    owner = owner or type(module).__name__
    own = module.state_dict()
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()):
        raise CheckpointError(
            f"{owner}: expected a state dict (name -> tensor) or a checkpoint with one at 'model', "
            f"got {type(state).__name__}"
        )
    missing = [name for name in own if name not in state]
    unexpected = [name for name in state if name not in own]
    shapes = [n for n in own if n in state and own[n].shape != state[n].shape]
    if strict and (missing or unexpected or shapes):
        parts = [
            f"{label}: {_few(names)}"
            for label, names in (
                ("missing", missing),
                ("unexpected", unexpected),
                (
                    "of another shape",
                    [f"{n} {tuple(state[n].shape)} for {tuple(own[n].shape)}" for n in shapes],
                ),
            )
            if names
        ]
        raise CheckpointError(
            f"{owner}: the checkpoint belongs to another model ({'; '.join(parts)}); use the "
            "config it was trained with, or strict=False to take only what fits"
        )
    fitting = {n: v for n, v in state.items() if n in own and n not in shapes}
    module.load_state_dict(fitting, strict=False)
    return [*missing, *unexpected, *shapes]


def _few(names: list[str], most: int = 5) -> str:
    text = ", ".join(names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"

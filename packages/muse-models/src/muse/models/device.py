"""Choosing the device of a model."""

from __future__ import annotations

import logging

import torch

from muse.core.errors import ParamError

log = logging.getLogger(__name__)

_TRAINABLE = ("cpu", "cuda", "mps", "xpu")


def choose_device(name: str) -> torch.device:
    """Return the device called `name`.

    "auto" is the first CUDA device, else the CPU. A CUDA device asked for on a machine without
    one falls back to the CPU with a warning, so that one config serves both.

    Raises:
        ParamError: when torch knows no such device, or it holds no numbers ("meta").
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in _TRAINABLE:
        raise ParamError(
            f"device={name!r} is not a device to train on: use 'auto', 'cpu', 'cuda' or 'cuda:1'"
        )
    if device.type == "cuda" and not torch.cuda.is_available():
        log.warning("device=%r asked for, but torch finds no CUDA device: using the CPU", name)
        return torch.device("cpu")
    return device

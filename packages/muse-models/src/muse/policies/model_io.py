"""Between a policy's numpy arrays `(B, …)` and a model's tensors `(B, 1, …)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from muse.core.attrdict import AttrDict


@contextmanager
def model_inputs(model: Any, obs: AttrDict, goal: AttrDict) -> Iterator[tuple[AttrDict, AttrDict]]:
    """Give obs and goal as the model takes them, with no gradients and in evaluation mode.

    A model that was training is put back to training afterwards.
    """
    device = getattr(model, "device", torch.device("cpu"))
    was_training = bool(getattr(model, "training", False))
    if was_training:
        model.eval()
    try:
        with torch.no_grad():
            yield to_tensors(obs, device), to_tensors(goal, device)
    finally:
        if was_training:
            model.train()


def to_tensors(arrays: AttrDict | None, device: torch.device) -> AttrDict:
    """Return the arrays `(B, …)` as tensors `(B, 1, …)`; what is no number stays behind."""
    result = AttrDict()
    if arrays is None:
        return result
    for name, value in arrays.leaf_items():
        if isinstance(value, Tensor):
            result[name] = value.to(device).unsqueeze(1)
            continue
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            continue
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        result[name] = torch.as_tensor(np.ascontiguousarray(array)).to(device).unsqueeze(1)
    return result


def named_arrays(out: AttrDict, names: Sequence[str], env_spec: Any) -> AttrDict:
    """Return the last step of the named outputs as arrays `(B, …)`.

    A name of the spec comes within the spec's limits and in its dtype.
    """
    arrays = AttrDict()
    for name in names:
        value = out[name]
        arrays[name] = value[:, -1].cpu().numpy() if isinstance(value, Tensor) else value
    known = [name for name in names if name in env_spec]
    for name in known:
        # the model's head may be flat where the spec is not
        array = arrays[name].reshape(len(arrays[name]), *env_spec.shape(name))
        # a cast would cut 1.9 to 1
        arrays[name] = np.rint(array) if env_spec.dtype(name).kind in "iu" else array
    fitted = env_spec.clip(env_spec.map_to_types(arrays > known), known)
    return arrays & fitted

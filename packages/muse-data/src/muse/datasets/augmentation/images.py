"""What the augmentations of images have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.errors import DataError
from muse.core.spec_ops import is_torch


def image_size(value: Any, key: str) -> tuple[int, int]:
    """Return height and width of images (B, H, height, width, C).

    Raises:
        DataError: they are none.
    """
    if value.ndim != 5 or value.shape[4] not in (1, 3):
        raise DataError(
            f"augmentation of {key!r}: got shape {tuple(value.shape)}; expected images "
            "(B, H, height, width, 3)"
        )
    return int(value.shape[2]), int(value.shape[3])


def placed(array: Any, value: Any) -> Any:
    """Return a numpy array as it is, or as a tensor beside `value`; the dtype stays."""
    if not is_torch(value):
        return array
    import torch

    return torch.from_numpy(np.ascontiguousarray(array)).to(value.device)


def as_float(value: Any) -> Any:
    """Return numbers as float32."""
    return value.float() if is_torch(value) else np.asarray(value, np.float32)


def like_before(changed: Any, value: Any) -> Any:
    """Return float images in the dtype of `value`, whole numbers rounded and kept in 0 … 255."""
    whole = not is_torch(value) and value.dtype.kind in "iu"
    if is_torch(value):
        whole = not value.dtype.is_floating_point
    if whole:
        changed = changed.round().clip(0, 255)
    return changed.to(value.dtype) if is_torch(value) else changed.astype(value.dtype)


def luminance(value: Any) -> Any:
    """Return the brightness of images (…, 3) as the eye sees it, (…, 1): ITU-R BT.601."""
    if value.shape[-1] == 1:
        return value
    red, green, blue = value[..., 0:1], value[..., 1:2], value[..., 2:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue

"""Single pictures as PNG or JPEG bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import MissingExtraError


def decode_image(data: bytes, shape: tuple[int, ...] | None = None) -> NDArray[np.uint8]:
    """Return a picture (H, W, C) uint8; grey ones have C = 1.

    Args:
        data: PNG or JPEG.
        shape: what it must be, checked before it is decoded; None: anything of reasonable size.

    Raises:
        ValueError: it is damaged or of another shape.
        MissingExtraError: pillow is not installed.
    """
    image = _pillow()
    try:
        with image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if shape is not None and picture.size != (shape[1], shape[0]):
                raise ValueError(f"a picture is {picture.size}, expected {(shape[1], shape[0])}")
            pixels = np.asarray(picture, np.uint8)
    except (OSError, SyntaxError, image.DecompressionBombError, TypeError) as error:
        raise ValueError(f"a picture is damaged ({error})") from error
    return pixels[..., None] if pixels.ndim == 2 else pixels


def decode_images(pictures: Sequence[bytes]) -> NDArray[np.uint8]:
    """Return pictures of one shape as (L, H, W, C) uint8.

    Raises:
        ValueError: one is damaged, or of another shape than the first.
    """
    first = decode_image(pictures[0])
    frames = np.empty((len(pictures), *first.shape), np.uint8)
    for i, picture in enumerate(pictures):
        frames[i] = decode_image(picture, first.shape)
    return frames


def is_encoded(values: NDArray[Any]) -> bool:
    """Whether `values` (L,) or (L, bytes) are pictures kept as the bytes of JPEG or PNG files."""
    if not len(values) or values.dtype not in (np.uint8, np.object_) or values.ndim > 2:
        return False
    head = bytes(np.asarray(values[0], np.uint8)[:4])
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG"))


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a picture (H, W, C) as PNG, C 1 or 3."""
    out = io.BytesIO()
    _pillow().fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(out, "PNG")
    return out.getvalue()


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtraError("reading and writing pictures", "muse-data", "image") from None
    return Image

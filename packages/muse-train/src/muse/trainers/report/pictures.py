"""Rollouts as animated GIFs."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence

import numpy as np

from muse.core.errors import MissingExtraError

_LAST = 1000  # ms the last frame stays


def gif_bytes(frames: Sequence[np.ndarray], fps: float = 10.0, most: int = 100) -> bytes:
    """An endless GIF of uint8 RGB `frames` (H, W, 3), thinned to about `most` frames.

    The last frame is always kept and stays for a second.

    Raises:
        MissingExtraError: pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtraError("writing GIFs", "muse-train", "report") from error
    stride = max(1, math.ceil(len(frames) / most))
    kept = list(frames[::stride])
    if (len(frames) - 1) % stride:
        kept.append(frames[-1])
    pictures = [Image.fromarray(np.ascontiguousarray(f)).convert("RGB") for f in kept]
    palette = pictures[-1].quantize(64)
    pictures = [p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    step = round(min(1000.0 * stride / fps, 200.0))
    buffer = io.BytesIO()
    pictures[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=[*[step] * (len(pictures) - 1), _LAST],
        loop=0,
        optimize=True,
    )
    return buffer.getvalue()


def gif_uri(frames: Sequence[np.ndarray], fps: float = 10.0) -> str:
    """The GIF as a data URI, to stand inside a page."""
    return "data:image/gif;base64," + base64.b64encode(gif_bytes(frames, fps)).decode("ascii")

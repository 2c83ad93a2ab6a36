"""Writing pictures as mp4, GIF, or one sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import MissingExtraError
from muse.experiments.atomic import atomic_path

Picture = NDArray[np.uint8]
_SAMPLED = 16  # frames that a GIF takes its colours from
_GAP = 2  # px between the pictures of a sheet
_RATE_FACTOR = "20"  # of x264: 18 is near to lossless, 28 is small


def write_mp4(path: Path, frames: Iterable[Picture], fps: float) -> None:
    """Write frames (H, W, 3) of one size as H.264, one at a time.

    Raises:
        MissingExtraError: PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("writing an mp4", "muse-data", "video") from error
    with atomic_path(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        stream: Any = None
        for frame in frames:
            even = _even(frame)
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
                stream.height, stream.width = even.shape[:2]
                stream.pix_fmt, stream.options = "yuv420p", {"crf": _RATE_FACTOR}
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def write_gif(path: Path, frames: Iterable[Picture], fps: float) -> None:
    """Write frames (H, W, 3) as an endless GIF.

    Raises:
        MissingExtraError: pillow is not installed.
    """
    image = _pillow("writing a GIF")
    pictures = [image.fromarray(np.ascontiguousarray(frame)) for frame in frames]
    # One palette for the whole clip: colours that change from frame to frame would flicker.
    some = pictures[:: max(1, len(pictures) // _SAMPLED)]
    sample = np.concatenate([np.asarray(p)[::2, ::2].reshape(-1, 3) for p in some])
    palette = image.fromarray(sample[None]).quantize(256)
    paletted = [p.quantize(palette=palette, dither=image.Dither.NONE) for p in pictures]
    delay = max(20, 10 * round(100 / fps))  # kept in hundredths; viewers slow down below two
    with atomic_path(path) as temporary:
        paletted[0].save(
            temporary, "GIF", save_all=True, append_images=paletted[1:], duration=delay, loop=0
        )


def write_sheet(path: Path, rows: Sequence[Sequence[Picture]]) -> None:
    """Write pictures (H, W, 3) of one size as one picture, row by row.

    Raises:
        MissingExtraError: pillow is not installed.
    """
    image = _pillow("writing a sheet")
    height, width = rows[0][0].shape[:2]
    across = max(len(row) for row in rows)
    size = (len(rows) * (height + _GAP) - _GAP, across * (width + _GAP) - _GAP, 3)
    sheet = np.full(size, 255, np.uint8)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            top, left = r * (height + _GAP), c * (width + _GAP)
            sheet[top : top + height, left : left + width] = picture
    with atomic_path(path) as temporary:
        image.fromarray(sheet).save(temporary)


def side_by_side(pictures: Sequence[Picture]) -> Picture:
    """Return pictures (H, W, 1 or 3) beside each other, (H, W, 3), in the first one's height."""
    height = pictures[0].shape[0]
    return np.concatenate([_scaled(picture, height) for picture in pictures], axis=1)


def _scaled(picture: Picture, height: int) -> Picture:
    """Return `picture` with three channels and `height`, by its nearest pixels."""
    old_height, old_width = picture.shape[:2]
    width = max(1, round(old_width * height / old_height))
    rows = np.arange(height) * old_height // height
    columns = np.arange(width) * old_width // width
    return np.broadcast_to(picture[rows][:, columns], (height, width, 3))


def _even(frame: Picture) -> Picture:
    """Return `frame` with even sides, which colour at half resolution needs."""
    height, width = frame.shape[:2]
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def _pillow(what: str) -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtraError(what, "muse-data", "image") from error
    return Image

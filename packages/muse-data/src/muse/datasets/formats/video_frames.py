"""Frames of a video file by their time."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, MissingExtraError, message_line
from muse.datasets.formats.npz_reader import physical_memory

_MOST_PIXELS = 1 << 26  # of one frame


def read_frames(
    path: Path, begin: float, count: int, fps: float, shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Return `count` frames (L, H, W, 3) uint8 RGB, the first shown at `begin`, `fps` a second.

    Args:
        path: an mp4 file; nothing it may point to is opened.
        begin: seconds from the start of the file.
        count: how many.
        fps: frames a second; each frame wanted is the one shown nearest to its time.
        shape: (H, W, 3), as declared.

    Raises:
        DataError: the file is damaged, has other pictures, or lacks one of the frames.
        MissingExtraError: PyAV is not installed.
    """
    try:
        import av
    except ImportError:
        raise MissingExtraError("reading video", "muse-data", "video") from None
    needed, limit = count * math.prod(shape), physical_memory()
    if math.prod(shape) > 3 * _MOST_PIXELS or (limit and needed > limit):
        raise DataError(
            f"{path}: {count} frames of {shape} need {needed / 2**30:.1f} GiB at once; this "
            f"machine has {limit / 2**30:.1f}; leave the video out with --without-video"
        )
    frames = np.empty((count, *shape), np.uint8)
    found = np.zeros(count, np.bool_)
    try:
        # A file object and a fixed format: no playlist is followed, no other file opened.
        with path.open("rb") as file, av.open(file, format="mp4") as container:
            _decode(container, begin, fps, frames, found)
    except DataError:
        raise
    except Exception as error:  # FFmpeg's errors have many bases
        raise DataError(
            f"{path} cannot be decoded ({message_line(error)[:160]}); it is damaged; copy or "
            "download it again, or leave it out with --without-video"
        ) from error
    if not found.all():
        raise DataError(
            f"{path} lacks {int((~found).sum())} of {count} frames, the first at "
            f"{begin + float(np.argmin(found)) / fps:.2f} s; it is cut short; copy or download it "
            "again, or leave it out with --without-video"
        )
    return frames


def _decode(
    container: Any, begin: float, fps: float, frames: NDArray[np.uint8], found: NDArray[np.bool_]
) -> None:
    """Fill `frames` from an open container and mark in `found` which were there."""
    if not container.streams.video:
        raise ValueError("it has no video stream")
    stream = container.streams.video[0]
    got = (stream.codec_context.height, stream.codec_context.width, 3)
    if got != frames.shape[1:]:
        raise ValueError(f"its pictures are {got}, expected {frames.shape[1:]}")
    stream.thread_type = "AUTO"
    if begin > 0:
        container.seek(int(begin / stream.time_base), stream=stream, backward=True)
    for frame in container.decode(stream):
        if frame.time is None:
            continue
        i = round((frame.time - begin) * fps)
        if i >= len(frames):
            return
        if i >= 0 and not found[i]:
            frames[i] = frame.to_ndarray(format="rgb24")
            found[i] = True


def write_video(path: Path, frames: NDArray[np.uint8], fps: float) -> None:
    """Write frames (L, H, W, 3) or (L, H, W, 1) as mp4, H.264 in 4:2:0, so with some loss.

    Raises:
        DataError: height or width is odd, which 4:2:0 cannot hold.
        MissingExtraError: PyAV is not installed.
    """
    try:
        import av
    except ImportError:
        raise MissingExtraError("writing video", "muse-data", "video") from None
    height, width = frames.shape[1:3]
    if height % 2 or width % 2:
        raise DataError(
            f"pictures of {height}x{width} cannot be kept as video, which needs even sizes; write "
            "them as pictures with --images png"
        )
    with av.open(str(path), "w", format="mp4") as container:
        rate = Fraction(fps).limit_denominator(1000)
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "18", "g": "2"}  # a key frame every other: random access is cheap
        for number, pixels in enumerate(frames):
            colour = np.ascontiguousarray(np.broadcast_to(pixels, (height, width, 3)))
            frame = av.VideoFrame.from_ndarray(colour, format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

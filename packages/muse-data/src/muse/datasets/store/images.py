"""Images as JPEG files and as short pieces of H.264 video, in memory.

Video is kept without a container: a raw H.264 stream of at most `VIDEO_FRAMES` frames that begins
with a keyframe, so that nothing but a codec ever reads bytes of unknown origin.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, MissingExtraError, message_line

Image = NDArray[np.uint8]


def encode_jpeg(image: Image, quality: int) -> bytes:
    """Return a (H, W, 3) or (H, W, 1) image as JPEG; quality 1 to 95."""
    pil = _pillow()
    buffer = io.BytesIO()
    # Full colour resolution: demonstrations are small pictures of small coloured things.
    pil.fromarray(image if image.shape[2] == 3 else image[:, :, 0]).save(
        buffer, "JPEG", quality=quality, subsampling=0
    )
    return buffer.getvalue()


def decode_jpeg(data: bytes, shape: tuple[int, ...], where: str) -> Image:
    """Return the image (H, W, C) of `shape`, whose size is checked before it is decoded.

    Raises:
        DataError: the data are damaged or of another size.
    """
    pil = _pillow()
    mode = "RGB" if shape[2] == 3 else "L"
    try:
        with pil.open(io.BytesIO(data), formats=["JPEG"]) as image:
            if (image.height, image.width) != shape[:2] or image.mode != mode:
                raise ValueError(f"{image.width}x{image.height} {image.mode}")
            return np.asarray(image, np.uint8).reshape(shape)
    except (OSError, ValueError, SyntaxError, EOFError, pil.DecompressionBombError) as error:
        raise _damaged(where, "JPEG", shape, error) from error


def encode_video(frames: NDArray[np.uint8], quality: int) -> bytes:
    """Return frames (F, H, W, C) as an H.264 stream; quality 1 to 95 sets its rate factor."""
    av = _pyav()
    height, width = frames.shape[1:3]
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height = width, height
    codec.time_base = Fraction(1, 25)
    # Halved colour needs even sizes.
    codec.pix_fmt = "yuv420p" if height % 2 == 0 == width % 2 else "yuv444p"
    codec.gop_size, codec.max_b_frames, codec.thread_count = len(frames), 0, 1
    codec.options = {"crf": str(round(51 * (1 - quality / 100))), "preset": "veryfast"}
    packets = []
    for number, pixels in enumerate(frames):
        colour = np.ascontiguousarray(np.broadcast_to(pixels, (height, width, 3)))
        frame = av.VideoFrame.from_ndarray(colour, format="rgb24").reformat(format=codec.pix_fmt)
        frame.pts = number
        packets += codec.encode(frame)
    packets += codec.encode(None)
    return b"".join(bytes(p) for p in packets)


def decode_video(data: bytes, count: int, shape: tuple[int, ...], where: str) -> Image:
    """Return the `count` frames (F, H, W, C) of a piece of video.

    Raises:
        DataError: the data are damaged, or hold other frames.
    """
    av = _pyav()
    height, width, channels = shape
    codec = av.CodecContext.create("h264", "r")
    codec.thread_count = 1  # other processes do the next windows
    # What claims to be larger is refused before memory is taken; codecs work with a margin.
    codec.options = {"max_pixels": str((height + 48) * (width + 48)), "err_detect": "explode"}
    images = np.empty((count, *shape), np.uint8)
    found = 0
    try:
        for packet in [*codec.parse(data), *codec.parse(None), None]:
            for frame in codec.decode(packet):
                if (frame.height, frame.width) != (height, width) or found == count:
                    raise ValueError(f"frame {found} is {frame.width}x{frame.height}")
                images[found] = frame.to_ndarray(format="rgb24")[:, :, :channels]
                found += 1
    except (av.FFmpegError, ValueError, EOFError, MemoryError) as error:
        raise _damaged(where, "video", shape, error) from error
    if found != count:
        raise _damaged(where, "video", shape, ValueError(f"{found} frames of {count}"))
    return images


def _damaged(where: str, what: str, shape: tuple[int, ...], error: Exception) -> DataError:
    height, width, channels = shape
    return DataError(
        f"{where}: {what} data are damaged ({message_line(error)[:120]}), expected "
        f"{width}x{height} with {channels} channels; restore the file from a copy"
    )


def _pillow() -> Any:
    try:
        from PIL import Image as pil
    except ImportError:
        raise MissingExtraError("a JPEG column", "muse-data", "image") from None
    return pil


def _pyav() -> Any:
    try:
        import av
    except ImportError:
        raise MissingExtraError("a video column", "muse-data", "video") from None
    return av

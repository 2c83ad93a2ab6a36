"""Rollout videos: GIF through pillow, mp4 where imageio-ffmpeg is installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.errors import DataError, EnvError, MissingExtraError

#: GIF keeps delays in hundredths of a second, and viewers slow down anything below two.
_SHORTEST_DELAY_MS = 20


def write_video(
    path: str | Path, frames: Sequence[np.ndarray], fps: float = 10.0, scale: int = 1
) -> Path:
    """Write pictures as a video; the suffix says which kind, `.gif` or `.mp4`.

    Args:
        path: where to; its folder is made. Nothing half-written stays behind.
        frames: pictures (H, W, 3) uint8 RGB of one size.
        fps: pictures a second.
        scale: enlarge every pixel to a square of this side.

    Returns:
        The path.

    Raises:
        MissingExtraError: when the encoder is not installed.
        EnvError: for another suffix.
        DataError: for no frames, or frames of another shape or type.
    """
    path = Path(path)
    refuse_unwritable(path)
    if fps <= 0 or scale < 1:
        raise EnvError(f"cannot write {path}: fps={fps} and scale={scale} must be positive")
    pictures = _checked(path, frames, scale)
    path.parent.mkdir(parents=True, exist_ok=True)
    from muse.experiments.atomic import atomic_path

    with atomic_path(path) as unfinished:
        _WRITERS[path.suffix.lower()](Path(unfinished), pictures, fps)
    return path


def refuse_unwritable(path: str | Path) -> None:
    """Raise what `write_video` would for this path, before there are any frames.

    Raises:
        MissingExtraError: when the encoder is not installed.
        EnvError: for a suffix other than .gif and .mp4.
    """
    encoders = {".gif": "PIL", ".mp4": "imageio_ffmpeg"}
    suffix = Path(path).suffix.lower()
    if suffix not in encoders:
        raise EnvError(f"cannot write {path}: the suffix must be .gif or .mp4")
    if find_spec(encoders[suffix]) is None:
        raise MissingExtraError(f"writing a {suffix}", "muse-envs", "video")


def _checked(path: Path, frames: Sequence[np.ndarray], scale: int) -> list[np.ndarray]:
    if not len(frames):
        raise DataError(f"cannot write {path}: there are no frames")
    first = np.shape(frames[0])
    for i, frame in enumerate(frames):
        array = np.asarray(frame)
        if array.dtype != np.uint8 or array.shape != first or array.shape[2:] != (3,):
            raise DataError(
                f"cannot write {path}: frame {i} has shape {array.shape} and dtype {array.dtype}, "
                f"expected (H, W, 3) uint8 like the first, {first}"
            )
    if scale == 1:
        return [np.asarray(frame) for frame in frames]
    return [np.asarray(f).repeat(scale, axis=0).repeat(scale, axis=1) for f in frames]


def _write_gif(path: Path, frames: list[np.ndarray], fps: float) -> None:
    from PIL import Image

    # One palette for the whole clip: colours that shift from frame to frame would flicker.
    sample = np.concatenate(
        [f[::2, ::2].reshape(-1, 3) for f in frames[:: max(1, len(frames) // 8)]]
    )
    palette = Image.fromarray(sample[None]).quantize(256)
    images = [
        Image.fromarray(f).quantize(palette=palette, dither=Image.Dither.NONE) for f in frames
    ]
    delay = max(_SHORTEST_DELAY_MS, round(1000.0 / fps / 10.0) * 10)
    images[0].save(
        path, format="GIF", save_all=True, append_images=images[1:], duration=delay, loop=0
    )


def _write_mp4(path: Path, frames: list[np.ndarray], fps: float) -> None:
    import imageio_ffmpeg

    height, width = frames[0].shape[:2]
    # H.264 with 4:2:0 colour wants even sides.
    bottom, right = height % 2, width % 2
    writer: Any = imageio_ffmpeg.write_frames(
        str(path),
        (width + right, height + bottom),
        fps=fps,
        codec="libx264",
        pix_fmt_out="yuv420p",
        macro_block_size=1,
        output_params=["-f", "mp4", "-crf", "18"],
        ffmpeg_log_level="error",
    )
    writer.send(None)
    try:
        for frame in frames:
            padded = np.pad(frame, ((0, bottom), (0, right), (0, 0)), mode="edge")
            writer.send(np.ascontiguousarray(padded))
    finally:
        writer.close()


_WRITERS = {".gif": _write_gif, ".mp4": _write_mp4}

"""Pictures of episodes small enough to stand in a page."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import MissingExtraError
from muse.datasets.formats.source import Column, EpisodeSource

_WIDTHS = (320, 224, 160, 128, 96, 64, 48)  # px of one picture, the widest that fits is taken
_MOST, _FEWEST = 24, 6  # pictures of an episode
_QUALITY = 72


class FilmStrips:
    """For every episode and camera one JPEG with some frames side by side.

    Args:
        source: where episode 0 tells what a picture weighs.
        cameras: its picture columns.
        episodes: how many episodes will be drawn.
        budget: bytes that all strips together may have.

    Raises:
        MissingExtraError: pillow is not installed.
    """

    def __init__(
        self, source: EpisodeSource, cameras: list[Column], episodes: int, budget: float
    ) -> None:
        try:
            from PIL import Image
        except ImportError as error:
            raise MissingExtraError("pictures in a page", "muse-data", "image") from error
        self._image: Any = Image
        self._cameras = cameras
        share = budget / max(1, episodes * len(cameras))
        self._sizes = {c.name: self._plan(source, c, share) for c in cameras}

    def strips(self, source: EpisodeSource, episode: int) -> dict[str, Any]:
        """Return camera -> the strip of one episode: data URI, size, and the steps shown."""
        return {c.name: self._strip(source, episode, c) for c in self._cameras}

    def _plan(self, source: EpisodeSource, camera: Column, share: float) -> tuple[int, int]:
        """Return the width of a picture and how many there are, so that a strip fits `share`."""
        frames = source.read(camera.name, 0)[:: max(1, int(source.lengths[0]) // 4)][:4]
        native = camera.shape[1]
        for width in _WIDTHS:
            width = min(width, native)
            each = len(self._encode(frames, width)) / len(frames) * 4 / 3  # base64
            if share / each >= _FEWEST:
                return width, int(min(_MOST, share / each))
        return min(_WIDTHS[-1], native), max(1, int(share / each))

    def _strip(self, source: EpisodeSource, episode: int, camera: Column) -> dict[str, Any]:
        frames = source.read(camera.name, episode)
        width, most = self._sizes[camera.name]
        steps = np.unique(np.linspace(0, len(frames) - 1, min(most, len(frames))).astype(int))
        data = self._encode(frames[steps], width)
        return {
            "uri": "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii"),
            "steps": steps.tolist(),
            "ratio": camera.shape[1] / camera.shape[0],
        }

    def _encode(self, frames: NDArray[np.uint8], width: int) -> bytes:
        height = max(1, round(width * frames.shape[1] / frames.shape[2]))
        strip = self._image.new("RGB", (width * len(frames), height))
        for i, frame in enumerate(frames):
            picture = self._image.fromarray(frame[..., 0] if frame.shape[2] == 1 else frame)
            small = picture.convert("RGB").resize((width, height), self._image.Resampling.LANCZOS)
            strip.paste(small, (i * width, 0))
        buffer = io.BytesIO()
        strip.save(buffer, format="JPEG", quality=_QUALITY, optimize=True)
        return buffer.getvalue()

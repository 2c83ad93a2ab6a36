"""Videos can be read back, and nothing half-written stays."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.errors import DataError, EnvError
from muse.envs.video import write_video

Image = pytest.importorskip("PIL.Image")


def frames(n=4, size=(12, 10)):
    return [np.full((*size, 3), 40 * i, np.uint8) for i in range(n)]


def test_gif_keeps_frames_order_and_speed(tmp_path):
    path = write_video(tmp_path / "new" / "a.gif", frames(), fps=20, scale=2)
    with Image.open(path) as gif:
        assert (gif.n_frames, gif.size, gif.info["duration"]) == (4, (20, 24), 50)
        for i in range(4):
            gif.seek(i)
            assert abs(int(np.asarray(gif.convert("RGB"))[0, 0, 0]) - 40 * i) <= 8


def test_mp4_with_odd_sides(tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = write_video(tmp_path / "a.mp4", frames(6, (33, 47)))
    reader = imageio_ffmpeg.read_frames(str(path))
    meta = next(reader)
    assert meta["size"] == (48, 34) and len(list(reader)) == 6


def test_bad_input_leaves_nothing(tmp_path):
    for bad, error, message in (
        ([], DataError, "no frames"),
        ([np.zeros((3, 3, 3))], DataError, "float64"),
        ([*frames(1), *frames(1, (3, 3))], DataError, "frame 1 has shape"),
    ):
        with pytest.raises(error, match=message):
            write_video(tmp_path / "a.gif", bad)
    with pytest.raises(EnvError, match="suffix"):
        write_video(tmp_path / "a.avi", frames())
    assert list(tmp_path.iterdir()) == []

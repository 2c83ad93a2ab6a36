"""Films and sheets, read back by the libraries that show them."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.errors import UsageError
from muse.datasets.commands.main import main
from muse.datasets.tools.film import side_by_side

av = pytest.importorskip("av", reason="videos need the extra video")
image = pytest.importorskip("PIL.Image", reason="pictures need the extra image")


@pytest.fixture
def data(make_data, write):
    """Episodes of 6 and 4 steps; a camera of 33 x 48 px whose picture gets brighter, another."""
    data = make_data([6, 4])
    ramp = (np.arange(10, dtype=np.uint8) * 20)[:, None, None, None]
    data["image"] = np.broadcast_to(ramp, (10, 33, 48, 3))
    data["wrist"] = np.full((10, 66, 66, 1), 200, np.uint8)
    return write(data)


def test_mp4_has_every_step_of_the_episodes_in_order(data, tmp_path):
    out = tmp_path / "film.mp4"
    assert main(["play", data, "--images", "image", "--fps", "12.5", "--out", str(out)]) == 0
    with av.open(str(out)) as film:
        stream = film.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
        assert float(stream.average_rate) == 12.5
    assert len(frames) == 10 and frames[0].shape == (34, 48, 3)  # even sides
    shades = [frame.mean() for frame in frames]
    assert np.allclose(shades, np.arange(10) * 20, atol=4)


def test_gif_and_a_file_for_each_episode(data, tmp_path):
    out = str(tmp_path / "e{episode}.gif")
    assert main(["play", data, "--images", "image", "--out", out]) == 0
    with image.open(tmp_path / "e1.gif") as film:
        assert film.n_frames == 4 and film.size == (48, 33)
    assert (tmp_path / "e0.gif").exists()


def test_a_sheet_has_a_row_for_each_episode(data, tmp_path):
    out = tmp_path / "sheet.png"
    assert main(["play", data, "--out", str(out), "--pictures", "3"]) == 0
    with image.open(out) as sheet:
        pixels = np.asarray(sheet)
    width = 48 + 33  # the square camera in the height of the first
    assert pixels.shape == (2 * 33 + 2, 3 * width + 2 * 2, 3)
    assert pixels[0, 0].tolist() == [0, 0, 0] and pixels[34 + 5, 2 * (width + 2), 0] == 180
    assert pixels[5, 60].tolist() == [200] * 3


def test_pictures_of_unlike_size_stand_side_by_side():
    one, two = np.zeros((4, 6, 3), np.uint8), np.full((2, 2, 1), 9, np.uint8)
    both = side_by_side([one, two])
    assert both.shape == (4, 10, 3) and (both[:, 6:] == 9).all()


@pytest.mark.parametrize(
    ("more", "match"),
    [
        (["--out", "a.avi"], "ends in .mp4"),
        (["--out", "a.mp4", "--images", "imgae"], "Did you mean 'image'"),
        (["--out", "a.mp4", "--fps", "-1"], "above 0"),
    ],
)
def test_wrong_usage_is_explained(data, more, match):
    with pytest.raises(UsageError, match=match):
        main(["play", data, *more])

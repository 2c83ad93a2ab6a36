from __future__ import annotations

import numpy as np
import pytest

from muse.envs.pymunk.resample import BilinearResampler


def packed(rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    """A random picture as (S, S) uint32 and as (S, S, 3) uint8."""
    colors = rng.integers(0, 256, (side, side, 4), dtype=np.uint8)
    return colors.view(np.uint32)[..., 0], colors[..., :3]


@pytest.mark.parametrize("size", [96, 128, 256])
def test_equals_opencv_within_rounding(size: int) -> None:
    cv2 = pytest.importorskip("cv2")
    picture, colors = packed(np.random.default_rng(0), 512)
    expected = cv2.resize(np.ascontiguousarray(colors), (size, size))
    ours = BilinearResampler(512, size)(picture)
    assert np.abs(ours.astype(int) - expected.astype(int)).max() <= 1


def test_a_part_equals_that_part_of_the_whole() -> None:
    picture, _ = packed(np.random.default_rng(1), 64)
    resample = BilinearResampler(64, 12)
    whole = resample(picture)
    part = resample(picture, slice(2, 7), slice(5, 12))
    np.testing.assert_array_equal(part, whole[2:7, 5:12])


def test_reach_covers_every_pixel_that_changes() -> None:
    picture = np.zeros((64, 64), np.uint32)
    resample = BilinearResampler(64, 12)
    for at in range(64):
        changed = picture.copy()
        changed[:, at] = 0xFFFFFF
        columns = np.flatnonzero(resample(changed).any(axis=(0, 2)))
        reach = resample.reach(at, at)
        assert all(reach.start <= column < reach.stop for column in columns)

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.envs.pymunk import t_shape

GOAL = (256.0, 256.0, math.pi / 4)
near = st.floats(-150, 150)
poses = st.tuples(near, near, st.floats(-7, 7)).map(lambda p: (256 + p[0], 256 + p[1], p[2]))


def test_a_t_covers_itself() -> None:
    assert t_shape.coverage(GOAL, GOAL) == pytest.approx(1.0, abs=1e-12)


def test_far_apart_covers_nothing() -> None:
    assert t_shape.coverage((900.0, 900.0, 1.0), GOAL) == 0.0


@given(poses)
def test_coverage_is_symmetric_and_a_share(pose: t_shape.Pose) -> None:
    covered = t_shape.coverage(pose, GOAL)
    assert 0.0 <= covered <= 1.0 + 1e-12
    assert covered == pytest.approx(t_shape.coverage(GOAL, pose), abs=1e-9)


@given(poses)
def test_coverage_equals_shapely(pose: t_shape.Pose) -> None:
    geometry = pytest.importorskip("shapely.geometry")

    def union(at: t_shape.Pose) -> object:
        parts = [geometry.Polygon(t_shape.to_world(part, at)) for part in t_shape.PARTS]
        return parts[0].union(parts[1])

    expected = union(pose).intersection(union(GOAL)).area / t_shape.AREA
    assert t_shape.coverage(pose, GOAL) == pytest.approx(expected, abs=1e-9)


def test_keypoints_turn_and_move_with_the_block() -> None:
    poses = np.array([[0.0, 0.0, 0.0], [10.0, 20.0, math.pi / 2]])
    still, turned = t_shape.keypoints(poses)
    np.testing.assert_allclose(still, t_shape.KEYPOINTS)
    expected = np.stack([10 - t_shape.KEYPOINTS[:, 1], 20 + t_shape.KEYPOINTS[:, 0]], axis=1)
    np.testing.assert_allclose(turned, expected, atol=1e-12)

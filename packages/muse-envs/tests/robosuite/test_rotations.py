from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from muse.envs.robosuite import rotations

VECTORS = arrays(np.float64, (4, 3), elements=st.floats(-3.0, 3.0))
QUARTER = np.sqrt(0.5)


@given(VECTORS, VECTORS)
def test_multiplication_is_one_rotation_after_the_other(
    first: np.ndarray, then: np.ndarray
) -> None:
    a, b = rotations.from_rotation_vector(then), rotations.from_rotation_vector(first)
    point = np.array([[0.3, -0.2, 0.9]] * 4)
    one_by_one = rotations.rotate(a, rotations.rotate(b, point))
    np.testing.assert_allclose(rotations.rotate(rotations.multiply(a, b), point), one_by_one)


@given(VECTORS)
def test_there_and_back_is_nowhere(vector: np.ndarray) -> None:
    quat = rotations.from_rotation_vector(vector)
    nothing = rotations.multiply(quat, rotations.inverse(quat))
    np.testing.assert_allclose(rotations.to_rotation_vector(nothing), 0.0, atol=1e-12)


@given(VECTORS)
def test_vectors_and_euler_angles_mean_the_same_rotation(vector: np.ndarray) -> None:
    quat = rotations.from_rotation_vector(vector)
    point = np.array([[0.3, -0.2, 0.9]] * 4)
    for again in (
        rotations.from_rotation_vector(rotations.to_rotation_vector(quat)),
        rotations.from_euler(rotations.to_euler(quat)),
    ):
        np.testing.assert_allclose(
            rotations.rotate(again, point), rotations.rotate(quat, point), atol=1e-6
        )


def test_conventions() -> None:
    about_z = np.array([0.0, 0.0, QUARTER, QUARTER])
    x = np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(rotations.rotate(about_z, x), [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(rotations.to_euler(about_z), [0, 0, np.pi / 2])
    # Fixed axes: first a quarter about x, then a quarter about z.
    both = rotations.from_euler(np.array([np.pi / 2, 0.0, np.pi / 2]))
    np.testing.assert_allclose(
        rotations.rotate(both, np.array([0.0, 1.0, 0.0])), [0, 0, 1], atol=1e-12
    )
    assert np.linalg.norm(rotations.to_rotation_vector(-about_z)) <= np.pi

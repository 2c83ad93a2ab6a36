from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from muse.envs.bullet_envs.rotations import (
    angle_between,
    euler_to_matrix,
    matrix_to_euler,
    rotation_vector,
    vector_to_matrix,
)

turns = st.floats(-3.1, 3.1)
eulers = st.tuples(turns, st.floats(-1.5, 1.5), turns).map(np.array)


@given(eulers)
def test_euler_angles_come_back(euler: np.ndarray) -> None:
    np.testing.assert_allclose(matrix_to_euler(euler_to_matrix(euler)), euler, atol=1e-7)


@given(eulers)
def test_matrices_are_those_of_pybullet(euler: np.ndarray) -> None:
    import pybullet

    theirs = pybullet.getMatrixFromQuaternion(pybullet.getQuaternionFromEuler(euler))
    np.testing.assert_allclose(euler_to_matrix(euler), np.reshape(theirs, (3, 3)), atol=1e-9)


@given(st.tuples(turns, turns, turns).map(np.array))
def test_rotation_vectors_come_back(vector: np.ndarray) -> None:
    angle = np.linalg.norm(vector)
    if angle > 3.1:
        vector = vector * (3.1 / angle)
    np.testing.assert_allclose(rotation_vector(vector_to_matrix(vector)), vector, atol=1e-6)


def test_half_a_turn_has_an_axis() -> None:
    for axis in np.eye(3):
        found = rotation_vector(vector_to_matrix(math.pi * axis))
        np.testing.assert_allclose(np.abs(found), math.pi * axis, atol=1e-6)


def test_angles_between_orientations_take_the_short_way() -> None:
    a, b = np.array([[0.0, 0.0, 3.0]]), np.array([[0.0, 0.0, -3.0]])
    np.testing.assert_allclose(angle_between(a, b), 2 * math.pi - 6.0, atol=1e-9)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.envs.gym_robotics.maze_route import CELL, MazeRoute

# A U on its side, as in gymnasium-robotics' umaze; (0, 0) is the middle of its centre cell.
U_MAZE = [[1, 1, 1, 1, 1], [1, 0, 0, 0, 1], [1, 1, 1, 0, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]]
NORTH_WEST, SOUTH_WEST = np.array([-4.0, 4.0]), np.array([-4.0, -4.0])
inside = st.floats(-1.9, 1.9)


def is_free(place: np.ndarray) -> bool:
    column, row = np.floor((place * [1, -1] + 10) / CELL).astype(int)
    return U_MAZE[row][column] == 0


def test_the_way_leads_through_the_centres_and_the_last_door() -> None:
    way = MazeRoute(U_MAZE).way(NORTH_WEST + 0.5, SOUTH_WEST - 0.5)
    expected = [(-4, 4), (0, 4), (4, 4), (4, 0), (4, -4), (0, -4), (-2, -4), (-4.5, -4.5)]
    np.testing.assert_allclose(way, expected)


@given(inside, inside, inside, inside, st.floats(0.1, 30.0))
def test_what_lies_ahead_is_free(a: float, b: float, c: float, d: float, distance: float) -> None:
    start, goal = NORTH_WEST + [a, b], SOUTH_WEST + [c, d]
    assert is_free(MazeRoute(U_MAZE).ahead(start, goal, distance))


@given(inside, inside, inside, inside)
def test_steps_ahead_arrive(a: float, b: float, c: float, d: float) -> None:
    route, place, goal = MazeRoute(U_MAZE), NORTH_WEST + [a, b], SOUTH_WEST + [c, d]
    for _ in range(60):
        way = route.ahead(place, goal, 1.0) - place
        place = place + 0.5 * way
        assert is_free(place)
    np.testing.assert_allclose(place, goal, atol=0.2)


def test_in_the_cell_of_the_goal_the_way_is_straight() -> None:
    goal = np.array([4.5, -0.5])
    np.testing.assert_array_equal(MazeRoute(U_MAZE).ahead(np.array([3.0, 1.0]), goal, 0.5), goal)


@pytest.mark.parametrize(("distance", "expected"), [(0.5, (4.5, -4.0)), (3.0, (4.0, -4.0))])
def test_inward_goes_towards_the_centre_and_no_farther(
    distance: float, expected: tuple[float, float]
) -> None:
    place = MazeRoute(U_MAZE).inward(np.array([5.0, -4.0]), distance)
    np.testing.assert_allclose(place, expected)

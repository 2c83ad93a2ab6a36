from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.errors import EnvError
from muse.envs.pymunk import maze as mazes


@given(st.integers(1, 9), st.integers(0, 1000))
def test_a_random_maze_has_one_way_between_any_two_cells(cells: int, seed: int) -> None:
    maze = mazes.random_maze(cells, np.random.default_rng(seed))
    np.testing.assert_array_equal(mazes.checked_maze(maze, "test"), maze)
    for cell in np.ndindex(cells, cells):
        way = mazes.shortest_way(maze, (0, 0), cell)
        assert way[0] == (0, 0) and way[-1] == cell
    # A tree: one opening fewer than there are cells.
    walls = len(mazes.inner_walls(maze, (100.0, 100.0)))
    assert 2 * cells * (cells - 1) - walls == cells**2 - 1


def test_codes_are_the_walls_of_a_cell() -> None:
    np.testing.assert_array_equal(mazes.open_maze(2), [[12, 9], [6, 3]])
    np.testing.assert_array_equal(mazes.open_maze(1), [[15]])
    maze = mazes.open_maze(2)
    mazes.add_wall(maze, (0, 0), mazes.SOUTH)
    np.testing.assert_array_equal(maze, [[14, 9], [14, 3]])
    # Row 0 is at the top, y points up.
    assert mazes.inner_walls(maze, (200.0, 100.0)) == [((0.0, 50.0), (100.0, 50.0))]


def test_ways_go_around_walls() -> None:
    maze = mazes.open_maze(2)
    mazes.add_wall(maze, (0, 0), mazes.SOUTH)
    assert mazes.shortest_way(maze, (0, 0), (1, 0)) == [(0, 0), (0, 1), (1, 1), (1, 0)]
    mazes.add_wall(maze, (0, 0), mazes.EAST)
    assert mazes.shortest_way(maze, (0, 0), (1, 0)) == []


@pytest.mark.parametrize(
    "value",
    [[[15, 15]], [[16]], "maze", [[0, 0], [0, 0.5]], [[14, 9], [6, 3]]],
    ids=["not square", "no code", "text", "fraction", "one-sided wall"],
)
def test_bad_mazes_are_refused(value: object) -> None:
    with pytest.raises(EnvError, match="test: maze="):
        mazes.checked_maze(value, "test")


def test_cells_and_points_agree() -> None:
    for cell in np.ndindex(3, 3):
        low, high = mazes.cell_box(cell, 3, (300.0, 150.0))
        np.testing.assert_allclose(high - low, [100.0, 50.0])
        assert mazes.cell_at((low + high) / 2, 3, (300.0, 150.0)) == cell


def test_a_broad_body_first_goes_to_the_middle() -> None:
    maze = mazes.open_maze(3)
    start, goal = np.array([150.0, 160.0]), np.array([250.0, 150.0])
    point = mazes.next_point(maze, (300.0, 300.0), start, goal)
    np.testing.assert_allclose(point, [250.0, 150.0])
    point = mazes.next_point(maze, (300.0, 300.0), start, goal, slack=5.0)
    np.testing.assert_allclose(point, [150.0, 150.0])

"""The block world in a maze that is always the same."""

from __future__ import annotations

from typing import ClassVar

from muse.core.params import Param
from muse.envs.pymunk.block_env_2d import BlockEnv2D
from muse.envs.pymunk.checks import cells

#: Walls N 8 + W 4 + S 2 + E 1 of each cell, the top row first.
MAZE = (
    (12, 10, 8, 10, 9),
    (5, 12, 2, 9, 5),
    (4, 1, 13, 4, 1),
    (5, 6, 0, 3, 5),
    (6, 10, 2, 10, 3),
)
#: The corners.
START_CELLS = ((0, 0), (0, 4), (4, 0), (4, 4))


class SimpleBlockEnv2D(BlockEnv2D):
    """`BlockEnv2D` in one 5 x 5 maze; the agent starts in one of its corners."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("fixed_np_maze", list[list[int]] | None, [list(row) for row in MAZE],
              "the maze of every episode, walls N 8 + W 4 + S 2 + E 1; None draws one each time"),
        Param("valid_start_idxs", list[list[int]] | None, [list(cell) for cell in START_CELLS],
              "(row, column) of the cells the agent may start in; None for all", check=cells),
    )  # fmt: skip

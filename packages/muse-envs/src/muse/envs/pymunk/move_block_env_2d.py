"""Reach a block, grab it and drag it onto the marked zone."""

from __future__ import annotations

from typing import ClassVar

from muse.core.params import Param, positive
from muse.envs.pymunk.block_env_2d import BlockEnv2D
from muse.envs.pymunk.checks import pair_of_sizes


class MoveBlockEnv2D(BlockEnv2D):
    """One block on an open grid is to be dragged until its centre lies close to the goal.

    Agent, block and goal start at random places apart from one another. Observations: `position`
    (B, 2), `velocity` (B, 2), `block_positions` (B, 1, 2), `goal_position` (B, 2), `grab_binary`
    (B, 1) and `image` (B, 64, 64, 3). Action as in `BlockEnv2D`. The reward is 1 in the step that
    succeeds and 0 before.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_blocks", int, 1, "blocks on the grid; the first one is to be moved",
              check=positive),
        Param("num_maze_cells", int, 1, "cells along each side of the maze; 1 for an open grid",
              check=positive),
        Param("grid_size", list[int], [300, 300], "width and height of the world", "px",
              check=pair_of_sizes),
        Param("image_size", list[int], [64, 64], "height and width of `image`", "px",
              check=pair_of_sizes),
        Param("block_size", float, 40.0, "side of a block, diameter of the agent", "px",
              check=positive),
        Param("action_max_velocity", float | None, 60.0,
              "limit of each commanded velocity; None for a tenth of the grid a second", "px/s",
              check=positive),
        Param("grab_action_binary", bool, True,
              "grab at full force for any action above 0, instead of in proportion"),
        Param("horizon", int | None, 80, "steps until the episode is cut off; None for never",
              "steps", check=positive),
    )  # fmt: skip
    default_observations: ClassVar[tuple[str, ...]] = (
        "position",
        "velocity",
        "block_positions",
        "goal_position",
        "grab_binary",
    )

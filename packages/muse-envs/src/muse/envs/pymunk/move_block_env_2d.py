"""Reach a block, grab it and drag it onto the marked zone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.spec import EnvSpec
from muse.envs.pymunk.block_env_2d import BlockEnv2D, block_spec_params
from muse.envs.pymunk.checks import pair_of_sizes


class MoveBlockEnv2D(BlockEnv2D):
    """One block is to be dragged until its centre lies within `tolerance` of the goal.

    Agent, block and goal start at random places apart from one another. Observations: `position`
    (B, 2), `velocity` (B, 2), `block_positions` (B, 1, 2), `goal_position` (B, 2), `grab_binary`
    (B, 1) and `image` (B, 64, 64, 3). Action as in `BlockEnv2D`. The reward is 1 in the step that
    succeeds and 0 before.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_blocks", int, 1, "blocks on the grid; the first one is to be moved",
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
        Param("tolerance", float, 15.0, "distance of block and goal that succeeds", "px",
              check=positive),
        Param("min_goal_distance", float, 80.0, "least distance of block and goal at the start",
              "px", check=positive),
    )  # fmt: skip
    preset_names: ClassVar[tuple[str, ...] | None] = (
        "position",
        "block_positions",
        "block_angles",
        "goal_position",
    )

    def __init__(self, params: AttrDict | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._goal = np.zeros(2)
        self.success_rule = (
            f"the centre of the block is within {self.params.tolerance:g} px of the goal"
        )

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        names = ["position", "velocity", "block_positions", "goal_position", "grab_binary"]
        return block_spec_params(env_params, names)

    @property
    def goal_position(self) -> np.ndarray:
        """Centre of the zone, (2,) px."""
        return self._goal.copy()

    def save_state(self) -> AttrDict:
        state = super().save_state()
        state["goal_position"] = self.goal_position
        return state

    def restore_state(self, state: AttrDict) -> AttrDict:
        self._goal = np.array(state["goal_position"], np.float64)
        return super().restore_state(state)

    def _place_task(self, presets: AttrDict) -> None:
        preset = self._preset(presets, "goal_position", (2,))
        if preset is not None:
            self._goal = preset
            return
        blocks = self._preset(presets, "block_positions", (self.params.num_blocks, 2))
        taken = [] if blocks is None else [(blocks[0], self.params.min_goal_distance)]
        # Whatever side the block is held by, the agent fits between goal and wall.
        self._goal = self._draw_free(taken, 1.2 * self.params.block_size)

    def _taken_positions(self) -> list[tuple[np.ndarray, float]]:
        return [(self._goal, self.params.min_goal_distance)]

    def _task_succeeded(self) -> bool:
        return math.dist(self.world.blocks[0].position, self._goal) <= self.params.tolerance

    def _task_reward(self) -> float:
        return float(self._task_succeeded())

    def _zone(self) -> tuple[np.ndarray, float]:
        # A block that does not turn lies inside this square when it is close enough.
        return self._goal, self.params.block_size + 2 * self.params.tolerance

    def _make_observers(self) -> dict[str, Callable[[], np.ndarray]]:
        return {**super()._make_observers(), "goal_position": lambda: self._goal}

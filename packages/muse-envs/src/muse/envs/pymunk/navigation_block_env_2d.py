"""Bring the agent itself to the goal, through a maze and past blocks."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.envs.pymunk.block_env_2d import BlockEnv2D
from muse.envs.pymunk.block_layouts import BlockLayouts


class _NavigationLayouts(BlockLayouts):
    """The goal is the agent's: it starts away from it; blocks only do not lie on it."""

    def draw_goal_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        taken = [(given["position"], self._away())] if "position" in given else []
        return self.draw_free(rng, taken, self.agent_size, self._goal_cells())

    def draw_block_positions(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        side = layout["block_sizes"].max(initial=0.0)
        taken = [(layout["goal_position"], self._spacing(self.agent_size, side))]
        return self.draw_blocks(rng, layout, given, taken)

    def draw_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        return self.draw_agent(rng, layout, [(layout["goal_position"], self._away())])


class NavigationBlockEnv2D(BlockEnv2D):
    """The agent is to reach `goal_position`; observations and actions as in `BlockEnv2D`."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("tolerance", float, 10.0, "distance to the goal that succeeds", "px",
              check=positive),
    )  # fmt: skip
    success_rule = "the centre of the agent is within `tolerance` of the goal"
    layouts_cls: ClassVar[type[BlockLayouts]] = _NavigationLayouts

    def _distance(self) -> float:
        return math.dist(self.world.agent.position, self._layout["goal_position"])

    def _zones(self) -> list[tuple[np.ndarray, np.ndarray]]:
        side = self._options.agent_size + 2 * self.params.tolerance
        return [(self._layout["goal_position"], np.full(2, side))]

"""A scripted policy that lifts a block and sets it down at its goal, under gravity."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.policy import Policy, next_count
from muse.envs.pymunk.block_observers import MAX_GRAB
from muse.policies.block_motion import approach, block_action, commands_of_rows


class LiftBlockExpert(Policy):
    """Take the first block from above, carry it over everything else, lower it onto the goal.

    Solves `ArrangeBlockEnv2D` and `StackBlockEnv2D` from their observations; it has no memory: each
    of the three ways (up, across, down) is told by where agent and block are.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("gain", float, 3.0, "speed for each px of distance", "1/s", check=positive),
        Param("max_speed", float, 55.0, "speed far from the target", "px/s", check=positive),
        Param("min_speed", float, 10.0, "speed at the target", "px/s", check=positive),
        Param("aim", float, 4.0, "sideways error at which the way down begins", "px",
              check=positive),
        Param("clearance", float, 15.0, "height kept over what is passed", "px", check=positive),
    )  # fmt: skip

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 3)."""
        command = commands_of_rows(self._command, obs, _READ)
        return block_action(self.env_spec, command[:, :2], command[:, 2]), next_count(memory)

    def _command(
        self,
        position: np.ndarray,
        agent_box: np.ndarray,
        blocks: np.ndarray,
        boxes: np.ndarray,
        goal: np.ndarray,
        holding: np.ndarray,
    ) -> np.ndarray:
        """Return velocity x, y and grab, (3,)."""
        clearance = self.params.clearance
        if holding[0]:
            # The bottom of what is held passes over the other blocks and what the goal lies on.
            half = blocks[0, 1] - boxes[0, 1]
            others = np.append(boxes[1:, 3], goal[1] - half).max()
            way = self._way(blocks[0], goal, others + clearance + half)
            return np.append(way, MAX_GRAB)
        radius = (agent_box[3] - agent_box[1]) / 2
        top = np.array([blocks[0, 0], boxes[0, 3] + radius])
        way = self._way(position, top, boxes[:, 3].max() + radius + clearance)
        over = abs(position[0] - top[0]) < 2 * self.params.aim and position[1] < top[1] + 2.0
        return np.append(way, MAX_GRAB if over else 0.0)

    def _way(self, at: np.ndarray, goal: np.ndarray, height: float) -> np.ndarray:
        """Return the velocity (2,) from `at` to `goal`, up to `height` first where it is aside."""
        aside = goal[0] - at[0]
        if abs(aside) < self.params.aim:
            error = goal - at
        elif at[1] < height - self.params.clearance / 2:
            error = np.array([0.0, height - at[1]])
        else:
            error = np.array([aside, height - at[1]])
        p = self.params
        velocity: np.ndarray = approach(error[None], p.gain, p.min_speed, p.max_speed)[0]
        return velocity


_READ = (
    "position",
    "bounding_box",
    "block_positions",
    "block_bounding_boxes",
    "goal_position",
    "grab_binary",
)

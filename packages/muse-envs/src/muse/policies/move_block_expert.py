"""A scripted policy that drags a block of the 2-D family to its goal."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, non_negative, positive
from muse.core.policy import Policy, next_count, row_generators
from muse.policies.block_motion import approach, block_action, way


class MoveBlockExpert(Policy):
    """Go to the first block, grab it, drag it to the goal, on the shortest way through the maze.

    Solves `MoveBlockEnv2D`, `BlockEnv2D` and `SimpleBlockEnv2D`. A proportional law whose phase is
    read off the observations alone: `active_constraints`, or `grab_binary` without it, tells
    whether the block is held. Near the end of the way the speed falls smoothly to `min_speed`.

    Noise added here is part of the recorded action. To visit states off the expert's path and
    still record what the expert would do there (as in DART, Laskey et al. 2017), disturb the
    executed action by the environment's `action_noise_prob` instead.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("gain", float, 2.0, "speed for each px of distance", "1/s", check=positive),
        Param("max_speed", float, 55.0, "speed far from the target", "px/s", check=positive),
        Param("min_speed", float, 12.0, "speed at the target", "px/s", check=non_negative),
        Param("grab_distance", float, 75.0, "block nearer than this: grab", "px", check=positive),
        Param("grab", float, 500.0, "the grab action", check=positive),
        Param("noise_std", float, 0.0, "Gaussian noise of the velocity", "px/s",
              check=non_negative),
    )  # fmt: skip

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        position = np.asarray(obs["position"], np.float64)
        block = np.asarray(obs["block_positions"], np.float64)[:, 0]
        target = np.asarray(obs["goal_position"], np.float64)
        holding_any = np.asarray(obs["grab_binary"])[:, 0] > 0.5
        holding = np.asarray(obs.get("active_constraints", obs["grab_binary"]))[:, 0] > 0.5

        to_block = way(obs, position, block, self.env_spec)
        to_goal = way(obs, block, target, self.env_spec, carriers=position)
        velocity = self._velocity(np.where(holding[:, None], to_goal, to_block))
        if self.params.noise_std:
            noise = np.stack([rng.normal(size=2) for rng in row_generators(memory)])
            velocity = velocity + self.params.noise_std * noise
        near = np.hypot(*(block - position).T) < self.params.grab_distance
        # What was taken instead of the block to be moved is let go.
        wrong = holding_any & ~holding
        grab = np.where((holding | near) & ~wrong, self.params.grab, 0.0)

        return block_action(self.env_spec, velocity, grab), next_count(memory)

    def _velocity(self, error: np.ndarray) -> np.ndarray:
        p = self.params
        return approach(error, p.gain, p.min_speed, p.max_speed)

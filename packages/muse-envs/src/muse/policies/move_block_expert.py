"""A scripted policy that solves `MoveBlockEnv2D` from its observations."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, non_negative, positive
from muse.core.policy import Policy, next_count, row_generators


class MoveBlockExpert(Policy):
    """Go to the block, grab it, drag it to the goal.

    A proportional law whose phase is read off the observations alone: `grab_binary` tells whether
    the block is held. Near the end of the way the speed falls smoothly to `min_speed`.

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
        holding = np.asarray(obs["grab_binary"])[:, 0] > 0.5

        to_block, to_goal = block - position, target - block
        velocity = self._velocity(np.where(holding[:, None], to_goal, to_block))
        if self.params.noise_std:
            noise = np.stack([rng.normal(size=2) for rng in row_generators(memory)])
            velocity = velocity + self.params.noise_std * noise
        near = np.hypot(to_block[:, 0], to_block[:, 1]) < self.params.grab_distance
        grab = np.where(holding | near, self.params.grab, 0.0)

        action = np.concatenate([velocity, grab[:, None]], axis=1)
        low, high = self.env_spec.limits(["action"])[0]
        dtype = self.env_spec.dtype("action")
        return AttrDict(action=np.clip(action, low, high).astype(dtype)), next_count(memory)

    def _velocity(self, error: np.ndarray) -> np.ndarray:
        """Return the velocity (B, 2) that reduces `error` (B, 2)."""
        distance = np.maximum(np.hypot(error[:, :1], error[:, 1:]), 1e-9)
        speed = np.clip(self.params.gain * distance, self.params.min_speed, self.params.max_speed)
        # Never farther in one step of 0.1 s than there is to go.
        velocity: np.ndarray = error / distance * np.minimum(speed, 10.0 * distance)
        return velocity

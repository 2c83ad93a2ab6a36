"""A scripted policy that takes the agent of the 2-D block family to its goal."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, non_negative, positive
from muse.core.policy import Policy, next_count
from muse.policies.block_motion import approach, block_action, way


class NavigationBlockExpert(Policy):
    """Go to `goal_position` on the shortest way through the maze; blocks in the way are pushed."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("gain", float, 3.0, "speed for each px of distance", "1/s", check=positive),
        Param("max_speed", float, 60.0, "speed far from the target", "px/s", check=positive),
        Param("min_speed", float, 10.0, "speed at the target", "px/s", check=non_negative),
    )  # fmt: skip

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 3)."""
        p = self.params
        position = np.asarray(obs["position"], np.float64)
        target = np.asarray(obs["goal_position"], np.float64)
        error = way(obs, position, target, self.env_spec)
        velocity = approach(error, p.gain, p.min_speed, p.max_speed)
        return block_action(self.env_spec, velocity, np.zeros(len(position))), next_count(memory)

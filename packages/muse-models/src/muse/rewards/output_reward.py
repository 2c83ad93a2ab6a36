"""The reward an environment gives itself."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.rewards.reward import Reward


class OutputReward(Reward):
    """A value among the observations after the step, scaled."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("key", str, "reward", help="the value among the next observations"),
        Param("scale", float, 1.0, help="factor on it"),
    )

    def get_reward(
        self,
        model: Any,
        obs: AttrDict,
        goal: AttrDict,
        action: AttrDict,
        next_obs: AttrDict,
        next_goal: AttrDict,
        done: np.ndarray,
    ) -> np.ndarray:
        """Return the value's sum over its own dimensions `(B,)`."""
        value = np.asarray(next_obs[self.params.key], dtype=np.float32)
        return value.reshape(len(value), -1).sum(1) * np.float32(self.params.scale)

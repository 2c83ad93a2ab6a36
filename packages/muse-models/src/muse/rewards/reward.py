"""The contract of a reward."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Configurable, Param


class Reward(Configurable):
    """A number for each row and step; it may remember the episode, until `reset_reward`.

    A subclass writes `get_reward`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = ()

    def __init__(self, params: Any, env_spec: Any, file_manager: Any = None) -> None:
        self.params = self.resolve_params(params)
        self.env_spec = env_spec
        self.file_manager = file_manager

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
        """Return the reward `(B,)` float32 of one step.

        Args:
            model: for a reward that asks one; else None.
            obs, goal: before the step, leaves `(B, …)`.
            action: what was done.
            next_obs, next_goal: after the step.
            done: `(B,)` bool.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define get_reward")

    def reset_reward(self, rows: np.ndarray | None = None) -> None:
        """Forget the episodes of the given rows `(B,)` bool, of all when None."""

"""Uniform random actions, the baseline that every table shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.policy import Policy, next_count
from muse.core.spec import EnvSpec
from muse.envs.counter_random import uniform


class RandomPolicy(Policy):
    """Draws every action uniformly within its limits; an unlimited side counts as -1 or 1.

    The draw is a pure function of the row's seed and step, so it never depends on batching.
    """

    def _set_up(self) -> None:
        self._boxes = {name: _box(self.env_spec, name) for name in self.env_spec.action_names}

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with action leaves (B, ...)."""
        action = AttrDict()
        for stream, (name, (low, high, dtype)) in enumerate(self._boxes.items()):
            drawn = uniform(memory["seed"], memory["count"], low.size, stream)
            drawn = drawn.reshape(-1, *low.shape)
            action[name] = _scale(drawn, low, high, dtype)
        return action, next_count(memory)


def _box(env_spec: EnvSpec, name: str) -> tuple[np.ndarray, np.ndarray, np.dtype]:
    low, high = env_spec.limits(name)
    dtype = np.dtype(env_spec.dtype(name))
    # A box with one open side keeps the unit length of the closed default.
    low = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 2.0, -1.0))
    high = np.where(np.isfinite(high), high, np.maximum(low + 2.0, 1.0))
    return low, high, dtype


def _scale(drawn: np.ndarray, low: np.ndarray, high: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "f":
        scaled = (low + drawn * (high - low)).astype(dtype)
        return np.clip(scaled, low.astype(dtype), high.astype(dtype))
    if dtype.kind == "b":
        return drawn < 0.5
    return np.minimum(np.floor(low + drawn * (high - low + 1.0)), high).astype(dtype)

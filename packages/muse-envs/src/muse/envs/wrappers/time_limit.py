"""An end for episodes that have none, or an earlier one."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Goal, Observation
from muse.envs.wrappers.wrapper import Wrapper


class TimeLimit(Wrapper):
    """Truncates an episode after `max_steps`, unless it ended by itself."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("max_steps", int, help="longest episode", unit="steps", check=positive),
    )

    def __init__(self, params: Any, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._steps = 0

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        self._steps = 0
        return super()._reset(presets)

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        obs, goal, done = super()._step(action)
        self._steps += 1
        if self._steps >= self.params.max_steps and not done[0]:
            done = np.ones(1, bool)
            if "truncated" in obs:
                obs = obs & AttrDict(truncated=done[:, None])
        return obs, goal, done

    def _save_state(self) -> AttrDict:
        return super()._save_state() & AttrDict(steps=np.array(self._steps))

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        self._steps = int(state["steps"])
        return super()._restore_state(state)

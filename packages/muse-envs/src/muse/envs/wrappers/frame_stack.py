"""The last few observations as one."""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Goal, Observation
from muse.envs.wrappers.wrapper import Wrapper, inner_spec


class FrameStack(Wrapper):
    """Gives observations (1, num_frames, ...), the newest last; the first fills the stack."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_frames", int, 4, help="observations in a stack", check=positive),
        Param("names", list[str] | None, None, help="which observations; None: all"),
    )

    def __init__(self, params: Any, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._stacks: dict[str, deque[np.ndarray]] = {
            name: deque(maxlen=self.params.num_frames)
            for name in _stacked(self.inner.env_spec, self.params)
        }

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec inside with the number of frames in front of the stacked shapes."""
        spec, rows = inner_spec(env_params), []
        for name in _stacked(spec, env_params):
            row = spec.row(name)
            shape = (env_params["num_frames"], *row.shape)
            limits = [np.broadcast_to(limit, shape).tolist() for limit in (row.low, row.high)]
            rows.append((name, shape, limits, row.dtype.name))
        return spec.derive(add_rows=rows).params

    def _after(self, obs: Observation, first: bool) -> Observation:
        stacked = AttrDict()
        for name, frames in self._stacks.items():
            frames.extend([obs[name][0]] * (self.params.num_frames if first else 1))
            stacked[name] = np.stack(frames)[None]
        return obs & stacked

    def _save_state(self) -> AttrDict:
        stacks = AttrDict((name, np.stack(frames)) for name, frames in self._stacks.items())
        return super()._save_state() & AttrDict(stacks=stacks)

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        obs, goal = super()._restore_state(state)
        for name, frames in self._stacks.items():
            frames.extend(state["stacks"][name].copy())
            obs[name] = np.stack(frames)[None]
        return obs, goal


def _stacked(spec: EnvSpec, params: AttrDict) -> list[str]:
    names = params["names"]
    spec.assert_has_names(names or [])
    return list(spec.observation_names) if names is None else list(names)

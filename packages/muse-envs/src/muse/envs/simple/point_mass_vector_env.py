"""Any number of point masses in one batch of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.spec import EnvSpec
from muse.envs.batching import all_rows
from muse.envs.env import Goal, Observation
from muse.envs.reset_checks import checked_presets
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.simple.point_mass_picture import picture_of
from muse.envs.simple.point_mass_world import PointMassWorld
from muse.envs.vector.vector_env import VectorEnv, row_class


class PointMassVectorEnv(VectorEnv):
    """N rows of `PointMassEnv` in numpy arrays: over a million steps a second in one process.

    Each row is, bit for bit, the single environment with that row's seed and actions.

    Args:
        params: `num_envs` and the group `env`, whose `cls` is `PointMassEnv`.
        env_spec: the spec of a row.
    """

    success_rule = PointMassEnv.success_rule
    saves_state = True

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        cls, row = row_class(self.params.env)
        if cls is not PointMassEnv:
            raise EnvError(f"PointMassVectorEnv: env/cls is {cls.__name__}, expected PointMassEnv")
        if self.params.modify_env_params_by_index is not None:
            raise EnvError(
                "PointMassVectorEnv: all rows share their parameters; use SyncVectorEnv with "
                "modify_env_params_by_index"
            )
        self._row_params = PointMassEnv.resolve_params(row)
        seeds = self.rng.integers(0, 2**62, self.num_envs)
        self._world = PointMassWorld(self._row_params, self.num_envs, seeds)
        self._flags = self._lowered_flags()
        self._has_begun = np.zeros(self.num_envs, bool)

    def render_row(self, row: int) -> np.ndarray:
        """Return the picture of one row, (H, W, 3) uint8."""
        return picture_of(self._world, row, self._row_params)

    def call_sync(self, command: str, data: tuple[Any, ...] = (), i: int = 0) -> Any:
        """There is no environment behind a row that could answer."""
        raise EnvError("PointMassVectorEnv: rows are parts of arrays, with no methods to call")

    def _reset_rows(
        self, rows: np.ndarray, seeds: list[int] | None, presets: list[AttrDict] | None
    ) -> tuple[Observation, Goal]:
        if presets is not None:
            presets = [
                checked_presets("PointMassEnv", each, PointMassEnv.preset_names) for each in presets
            ]
        indices = np.flatnonzero(rows)
        self._world.reset(indices, seeds, presets)
        self._flags = self._flags.leaf_apply(
            lambda old: np.where(rows[:, None], 0, old).astype(old.dtype)
        )
        self._has_begun |= rows
        return self._observe(), AttrDict()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        live = ~self._over
        everything = all_rows(live)
        rows: Any = slice(None) if everything else np.flatnonzero(live)
        outcome = self._world.step(action["action"][rows], rows)
        flags = AttrDict()
        for (name, old), new in zip(self._flags.items(), outcome, strict=True):
            column = new[:, None].astype(old.dtype)
            if not everything:
                whole = old.copy()
                whole[rows] = column
                column = whole
            flags[name] = column
        self._flags = flags
        done = (flags["terminated"] | flags["truncated"])[:, 0]
        return self._observe(), AttrDict(), done | ~live

    def _save_state(self) -> AttrDict:
        return AttrDict(
            over=self._over.copy(),
            failed=self._failed.copy(),
            begun=self._has_begun.copy(),
            world=self._world.state(),
        )

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        self._world.restore(state["world"])
        self._has_begun = state["begun"].copy()
        self._flags = self._lowered_flags()
        return self._observe(), AttrDict()

    def _judge(self) -> tuple[np.ndarray, np.ndarray]:
        success = self._world.reached & self._has_begun
        return success, success.astype(np.float64)

    def _observe(self) -> Observation:
        obs = self._world.observe()
        if self._row_params.image_obs:
            obs["image"] = np.stack([self.render_row(row) for row in range(self.num_envs)])
        if not self._has_begun.all():
            first = int(np.flatnonzero(self._has_begun)[0])
            for value in obs.leaf_values():
                value[~self._has_begun] = value[first]
        obs.combine(self._flags)
        return self._narrow(obs)

    def _lowered_flags(self) -> AttrDict:
        shape = (self.num_envs, 1)
        return AttrDict(
            reward=np.zeros(shape, np.float32),
            terminated=np.zeros(shape, bool),
            truncated=np.zeros(shape, bool),
        )

    def _narrow(self, obs: Observation) -> Observation:
        """Keep the names of the spec, as a single environment does."""
        return obs if len(self._emitted) == len(list(obs.leaf_keys())) else obs > self._emitted

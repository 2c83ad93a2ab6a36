"""A vectorised environment in this process, row after row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.spec import EnvSpec
from muse.envs.batching import stack_rows, take_row
from muse.envs.env import Env, Goal, Observation
from muse.envs.vector.vector_env import VectorEnv, row_class


class SyncVectorEnv(VectorEnv):
    """N environments stepped one after the other; no processes, no copies of the simulator code.

    Args:
        params: `num_envs` and the group `env` of one row.
        env_spec: the spec of a row.
        rows: the environments themselves, when they already exist (see `of`).
    """

    def __init__(
        self,
        params: Mapping[str, Any] | None,
        env_spec: EnvSpec,
        rows: Sequence[Env] | None = None,
    ) -> None:
        super().__init__(params, env_spec)
        if rows is None:
            cls, row_params = row_class(self.params.env)
            rows = [cls(row_params, env_spec) for _ in range(self.num_envs)]
        self.rows: list[Env] = list(rows)
        self._latest: list[tuple[Observation, Goal] | None] = [None] * self.num_envs

    @classmethod
    def of(cls, rows: Sequence[Env]) -> SyncVectorEnv:
        """Join environments that exist already; they must share one spec."""
        if not rows:
            raise EnvError("SyncVectorEnv.of needs at least one environment")
        if any(env.env_spec != rows[0].env_spec or env.num_envs != 1 for env in rows):
            raise EnvError("SyncVectorEnv.of needs single environments of one spec")
        group = AttrDict(cls=type(rows[0])) & rows[0].params
        return cls(AttrDict(num_envs=len(rows), env=group), rows[0].env_spec, rows)

    def _reset_rows(
        self, rows: np.ndarray, seeds: list[int] | None, presets: AttrDict
    ) -> tuple[Observation, Goal]:
        for row in np.flatnonzero(rows):
            if seeds is not None:
                self.rows[row].seed(seeds[row])
            self._latest[row] = self.rows[row].reset(presets)
        return self._joined()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        done = np.ones(self.num_envs, bool)
        for row in np.flatnonzero(~self._over).tolist():
            obs, goal, row_done = self.rows[row].advance(take_row(action, row))
            self._latest[row] = (obs, goal)
            done[row] = row_done[0]
        obs, goal = self._joined()
        return obs, goal, done

    def is_success(self) -> np.ndarray:
        """Return the success of each row, (N,) bool; False in rows that never began."""
        return np.concatenate(
            [
                env.is_success() if latest is not None else np.zeros(1, bool)
                for env, latest in zip(self.rows, self._latest, strict=True)
            ]
        )

    def score(self) -> np.ndarray:
        """Return the score of each row, (N,) float; 0 in rows that never began."""
        return np.concatenate(
            [
                env.score() if latest is not None else np.zeros(1)
                for env, latest in zip(self.rows, self._latest, strict=True)
            ]
        )

    @property
    def success_rule(self) -> str:  # type: ignore[override]
        """The rule of the rows."""
        return self.rows[0].success_rule

    def render_row(self, row: int) -> np.ndarray:
        """Return the picture of one row, (H, W, 3) uint8."""
        return self.rows[row].render()

    def _close(self) -> None:
        for env in self.rows:
            env.close()

    def _joined(self) -> tuple[Observation, Goal]:
        first = next(latest for latest in self._latest if latest is not None)
        parts = [latest if latest is not None else first for latest in self._latest]
        obs = stack_rows([p[0] for p in parts], list(first[0].leaf_keys()))
        goal = stack_rows([p[1] for p in parts], list(first[1].leaf_keys()))
        return obs, goal

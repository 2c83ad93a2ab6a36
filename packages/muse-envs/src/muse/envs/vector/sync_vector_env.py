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
from muse.envs.vector.vector_env import VectorEnv, row_class, row_params


class SyncVectorEnv(VectorEnv):
    """N environments stepped one after the other; no processes, no copies of the simulator code.

    Args:
        params: `num_envs`, the group `env` of one row, and what `VectorEnv` declares.
        env_spec: the spec of a row.
        rows: the environments themselves, when they already exist (see `of`).
        first_row: what `modify_env_params_by_index` calls the first row, in a part of a batch.
    """

    def __init__(
        self,
        params: Mapping[str, Any] | None,
        env_spec: EnvSpec,
        rows: Sequence[Env] | None = None,
        first_row: int = 0,
    ) -> None:
        super().__init__(params, env_spec)
        if rows is None:
            cls, _ = row_class(self.params.env)
            indices = range(first_row, first_row + self.num_envs)
            rows = [cls(row_params(self.params, index), env_spec) for index in indices]
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

    @property
    def success_rule(self) -> str:  # type: ignore[override]
        """The rule of the rows."""
        return self.rows[0].success_rule

    @property
    def saves_state(self) -> bool:  # type: ignore[override]
        """Whether the rows do."""
        return all(env.saves_state for env in self.rows)

    def render_row(self, row: int) -> np.ndarray:
        """Return the picture of one row, (H, W, 3) uint8."""
        return self.rows[row].render()

    def call_sync(self, command: str, data: tuple[Any, ...] = (), i: int = 0) -> Any:
        """Call the method `command` of the environment in row `i` with the arguments `data`."""
        return getattr(self.rows[i], command)(*data)

    def save_rows(self) -> list[AttrDict | None]:
        """Return the states of the rows; None of those that never began or failed."""
        return [
            None if latest is None or failed else env.save_state()
            for env, latest, failed in zip(self.rows, self._latest, self._failed, strict=True)
        ]

    def restore_rows(self, states: Sequence[AttrDict | None]) -> tuple[Observation, Goal]:
        """Go to what `save_rows` gave; rows without a state show the first one that has one."""
        for row, (env, state) in enumerate(zip(self.rows, states, strict=True)):
            self._latest[row] = None
            if state is not None:
                obs = env.restore_state(state)
                self._latest[row] = (obs, env._last_good[1])
        return self._joined()

    def _reset_rows(
        self, rows: np.ndarray, seeds: list[int] | None, presets: list[AttrDict] | None
    ) -> tuple[Observation, Goal]:
        for row in np.flatnonzero(rows).tolist():
            if seeds is not None:
                self.rows[row].seed(seeds[row])
            self._latest[row] = self.rows[row].reset(None if presets is None else presets[row])
        return self._joined()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        if self.num_envs == 1:  # in a worker of one row: nothing to cut or to join
            obs, goal, done = self.rows[0].advance(action)
            self._latest[0], self._failed = (obs, goal), self.rows[0].failed
            return obs, goal, done
        done = np.ones(self.num_envs, bool)
        for row in np.flatnonzero(~self._over).tolist():
            env = self.rows[row]
            obs, goal, row_done = env.advance(take_row(action, row) if len(done) > 1 else action)
            self._latest[row] = (obs, goal)
            done[row] = row_done[0]
            self._failed[row] = env.failed[0]
        obs, goal = self._joined()
        return obs, goal, done

    def _judge(self) -> tuple[np.ndarray, np.ndarray]:
        success, score = np.zeros(self.num_envs, bool), np.zeros(self.num_envs)
        for row, env in enumerate(self.rows):
            if self._latest[row] is not None and not self._failed[row]:
                success[row], score[row] = env.is_success()[0], env.score()[0]
        return success, score

    def _close(self) -> None:
        for env in self.rows:
            env.close()

    def _joined(self) -> tuple[Observation, Goal]:
        first = next(latest for latest in self._latest if latest is not None)
        if self.num_envs == 1:
            return first
        parts = [latest if latest is not None else first for latest in self._latest]
        obs = stack_rows([p[0] for p in parts], list(first[0].leaf_keys()))
        goal = stack_rows([p[1] for p in parts], list(first[1].leaf_keys()))
        return obs, goal

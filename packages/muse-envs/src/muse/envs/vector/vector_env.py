"""The contract of a vectorised environment: `Env` with B = N, and resets of single rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, EnvError
from muse.core.params import Configurable, Param, imported, positive
from muse.core.spec import EnvSpec
from muse.envs.batching import any_row
from muse.envs.env import Env, Goal, Observation
from muse.envs.vector.tile import tile

#: Presets of all rows alike, or of each row its own.
Presets = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class VectorEnv(Env):
    """N environments of one kind, stepped together.

    A row whose episode ended keeps its final observation and stays done, without being stepped,
    until `reset_where` starts it again.

    With `auto_reset` it starts again in the same step instead: `done` and the output observations
    (`reward`, `terminated`, `truncated`), `failed`, `is_success` and `score` are those of the
    episode that ended; the other observations and the goal are the first of the next episode,
    which goes on with the row's random stream. `final_obs` and `final_goal` hold what the step
    itself led to, in every row: what a learner bootstraps from.

    Presets may be one mapping for all rows or a sequence of N. Subclasses write `_reset_rows`,
    `_step`, `_judge`, `render_row`, `call_sync` and `_close`; where rows save their state,
    `save_rows` and `restore_rows`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_envs", int, help="rows, N", unit="environments", check=positive),
        Param("env", AttrDict, help="one row: cls and its parameters"),
        Param("auto_reset", bool, False, help="a row that is done begins its next episode at once"),
        Param(
            "modify_env_params_by_index",
            Callable | str | None,
            None,
            help="function, or its import path, (params, row) -> the parameters of that row",
        ),
    )
    preset_names = None  # each row checks them

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        self._num_envs = int(self.resolve_params(params).num_envs)
        super().__init__(params, env_spec)
        self._pending_seeds: list[int] | None = None
        self._judged: tuple[np.ndarray, np.ndarray] | None = None
        self._outputs = list(env_spec.output_observation_names)
        self._pending_action: AttrDict | None = None

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec parameters of one row; the batch dimension is in no spec."""
        cls, params = row_class(env_params["env"])
        return cls.get_default_env_spec_params(cls.resolve_params(params))

    @property
    def num_envs(self) -> int:
        """N."""
        return self._num_envs

    @property
    def final_obs(self) -> Observation:
        """The observation the last step led to, (N, ...), before any automatic reset."""
        return self._last_good[0]

    @property
    def final_goal(self) -> Goal:
        """The goal the last step led to, (N, ...), before any automatic reset."""
        return self._last_good[1]

    def is_success(self) -> np.ndarray:
        """Return the success of each row, (N,) bool; False in rows that never began or failed."""
        return self._verdict()[0].copy()

    def score(self) -> np.ndarray:
        """Return the score of each row, (N,) float; 0 in rows that never began or failed."""
        return self._verdict()[1].copy()

    def seed(self, seed: int | Sequence[int]) -> None:
        """Seed the next reset: row i from `seed[i]`, or from `seed + i` for one integer."""
        if isinstance(seed, (int, np.integer)):
            self._pending_seeds = [int(seed) + row for row in range(self.num_envs)]
        else:
            self._pending_seeds = self._checked_seeds(seed)

    def reset(self, presets: Presets = None) -> tuple[Observation, Goal]:
        """Begin an episode in every row."""
        seeds, self._pending_seeds = self._pending_seeds, None
        return self.begin(np.ones(self.num_envs, bool), seeds, presets)

    def reset_where(
        self, rows: np.ndarray, seeds: Sequence[int], presets: Presets = None
    ) -> tuple[Observation, Goal]:
        """Begin a seeded episode in the given rows; all N rows come back.

        Rows that never began show the observation of the first row that has.
        """
        mask = np.asarray(rows)
        if mask.shape != (self.num_envs,) or mask.dtype != bool:
            raise EnvError(
                f"reset_where: rows has shape {mask.shape} and dtype {mask.dtype}, "
                f"expected ({self.num_envs},) bool"
            )
        if not (mask.any() or self._started):
            raise EnvError("reset_where: the first reset needs at least one row")
        return self.begin(mask, self._checked_seeds(seeds), presets)

    def step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        """Step the rows whose episodes go on; the others stay done as they are."""
        self.step_async(action)
        return self.step_wait()

    def step_async(self, action: AttrDict) -> None:
        """Check an action and begin its step; `step_wait` ends it."""
        if self._pending_action is not None:
            raise EnvError(f"{type(self).__name__}: step_async() twice; call step_wait() first")
        self._refuse_out_of_episode()
        waiting = any_row(self._over)
        checked = self._action_checker(action, ~self._over if waiting else None)
        self._send_step(checked)
        self._pending_action = checked

    def step_wait(self) -> tuple[Observation, Goal, np.ndarray]:
        """Return what the step that `step_async` began led to."""
        action, self._pending_action = self._pending_action, None
        if action is None:
            raise EnvError(f"{type(self).__name__}: step_wait() without step_async()")
        return self._finish_step(action)

    def advance(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        """`step` for an action that is known to be good."""
        self._send_step(action)
        return self._finish_step(action)

    def begin(
        self, rows: np.ndarray, seeds: list[int] | None, presets: Presets = None
    ) -> tuple[Observation, Goal]:
        """Begin an episode in `rows` (N,) bool; without seeds each goes on with its stream."""
        self._refuse_closed()
        if not self._started:
            self._over[:] = True
        if self._pending_action is not None:
            self.step_wait()  # its answers must not be taken for those of the reset
        self._judged = None
        obs, goal = self._reset_rows(rows, seeds, self._per_row(presets))
        self._started = True
        self._over = self._over & ~rows
        self._failed = self._failed & ~rows
        self._last_good = obs, goal
        if self.params.render:
            self._show()
        return obs, goal

    def save_state(self) -> AttrDict:
        """Return the state of all rows, and which of them are done.

        `rows/<i>` is what row i saves itself; there is none of rows that never began or failed.
        """
        if self._pending_action is not None:
            raise EnvError(f"{type(self).__name__}: call step_wait() before save_state()")
        return super().save_state()

    def restore_state(self, state: AttrDict) -> Observation:
        """Go back to a saved state in every row; rows that were done wait for their reset."""
        if np.shape(state.get("over")) != (self.num_envs,):
            raise EnvError(
                f"{type(self).__name__}: restore_state() takes what save_state() gave for "
                f"{self.num_envs} rows, got {np.size(state.get('over', []))}"
            )
        if self._pending_action is not None:
            self.step_wait()  # its answers must not be taken for those of the restored state
        self._judged = None
        obs = super().restore_state(state)
        self._over, self._failed = state["over"].copy(), state["failed"].copy()
        return obs

    def render(self) -> np.ndarray:
        """Return the pictures of all rows in one grid, (H, W, 3) uint8."""
        return tile([self.render_row(row) for row in range(self.num_envs)])

    def render_row(self, row: int) -> np.ndarray:
        """Return the picture of one row, (H, W, 3) uint8."""
        raise NotImplementedError

    def call_sync(self, command: str, data: tuple[Any, ...] = (), i: int = 0) -> Any:
        """Call the method `command` of the environment in row `i` with the arguments `data`."""
        raise NotImplementedError

    # ---- for subclasses ----------------------------------------------------------------------

    def _reset_rows(
        self, rows: np.ndarray, seeds: list[int] | None, presets: list[AttrDict] | None
    ) -> tuple[Observation, Goal]:
        raise NotImplementedError

    def _send_step(self, action: AttrDict) -> None:
        """Begin a step where others do the work; here `_step` does all of it."""

    def _next_episodes(
        self, obs: Observation, goal: Goal, done: np.ndarray
    ) -> tuple[Observation, Goal]:
        """Reset the rows that are `done`; return what every row acts on next."""
        fresh, goal = self._reset_rows(done, None, None)
        return fresh & (obs > self._outputs), goal

    def _judge(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (success (N,) bool, score (N,) float)."""
        raise NotImplementedError

    def save_rows(self) -> list[AttrDict | None]:
        """Return the states of the rows; None where there is none to go back to."""
        raise NotImplementedError

    def restore_rows(self, states: Sequence[AttrDict | None]) -> tuple[Observation, Goal]:
        """Go to what `save_rows` gave; return (obs, goal) of all rows."""
        raise NotImplementedError

    # ---- inside ------------------------------------------------------------------------------

    def _save_state(self) -> AttrDict:
        return state_of_rows(self.save_rows(), self._over, self._failed)

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        if "rows" not in state:
            raise EnvError(f"{type(self).__name__}: the saved state holds no row to go back to")
        return self.restore_rows([state.get(f"rows/{row}") for row in range(self.num_envs)])

    def _finish_step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        self._judged = None
        obs, goal, done = self._step(action)
        self._last_good = obs, goal
        if not self.params.auto_reset:
            self._over = done.copy()
        elif any_row(done):
            self._judged = self._judge()
            obs, goal = self._next_episodes(obs, goal, done)
            self._over = self._over & ~done
        if self.params.render:
            self._show()
        return obs, goal, done

    def _verdict(self) -> tuple[np.ndarray, np.ndarray]:
        if self._judged is None:
            self._judged = self._judge()
        return self._judged

    def _per_row(self, presets: Presets) -> list[AttrDict] | None:
        if presets is None:
            return None
        if isinstance(presets, Mapping):
            return [AttrDict(presets)] * self.num_envs
        if len(presets) != self.num_envs:
            raise EnvError(
                f"{type(self).__name__}: got presets of {len(presets)} rows, expected one mapping "
                f"or {self.num_envs} of them"
            )
        return [AttrDict(each) for each in presets]

    def _checked_seeds(self, seeds: Sequence[int]) -> list[int]:
        values = np.asarray(seeds)
        if values.shape != (self.num_envs,) or values.dtype.kind not in "iu" or values.min() < 0:
            raise EnvError(
                f"{type(self).__name__}: seeds={seeds!r} is not allowed: "
                f"expected {self.num_envs} integers >= 0"
            )
        return [int(v) for v in values]


def row_class(group: AttrDict) -> tuple[type[Env], AttrDict]:
    """Split the group of one row into its class and its parameters."""
    if "cls" not in group:
        raise ConfigError(f"the group 'env' of a vectorised environment needs 'cls': {list(group)}")
    cls = imported(group["cls"])
    if not (isinstance(cls, type) and issubclass(cls, Env) and issubclass(cls, Configurable)):
        raise ConfigError(f"a vectorised environment needs an Env class in env/cls, got {cls!r}")
    return cls, AttrDict((k, v) for k, v in group.items() if k != "cls")


def row_params(params: AttrDict, row: int) -> AttrDict:
    """Return the parameters of one row, as `modify_env_params_by_index` has them."""
    _, shared = row_class(params["env"])
    modify = imported(params["modify_env_params_by_index"])
    return shared if modify is None else AttrDict(modify(shared.copy(), row))


def state_of_rows(
    states: Sequence[AttrDict | None], over: np.ndarray, failed: np.ndarray
) -> AttrDict:
    """Return the state of a vectorised environment: those of its rows and who is done, (N,)."""
    state = AttrDict(over=over.copy(), failed=failed.copy())
    for row, each in enumerate(states):
        if each is not None:
            state[f"rows/{row}"] = each
    return state

"""What a worker process of `SubprocVectorEnv` runs: some rows, answering over a pipe."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.spec import EnvSpec
from muse.envs.batching import all_rows, any_row
from muse.envs.spec_building import observed_names
from muse.envs.vector.doorbell import Doorbell
from muse.envs.vector.processes import leave_interrupts_to_parent, one_line
from muse.envs.vector.shared_batch import SharedBatch
from muse.envs.vector.sync_vector_env import SyncVectorEnv
from muse.envs.vector.vector_env import state_of_rows

#: Prefixes of the shared arrays; a name of the spec may be observation and goal at once.
OBS, GOAL, ACTION, STATUS = "obs:", "goal:", "action:", "status:"
#: What the last step led to, where that is not what the next one starts from (`auto_reset`).
FINAL_OBS, FINAL_GOAL = "final_obs:", "final_goal:"
#: How often a worker without work looks whether its parent is still there, s.
_LOOK_UP = 1.0


def serve(
    connection: Connection,
    shared: SharedBatch,
    bells: tuple[Doorbell, Doorbell],
    first: int,
    params: AttrDict,
    env_spec: EnvSpec,
) -> None:
    """Own `params.num_envs` rows from `first` on until the pipe closes.

    A ring without mail is a step of the live rows, answered by a ring; other requests are mail:
    (command, arguments), answered by ("ok", value) or ("error", line). See `RowWorker`.
    """
    leave_interrupts_to_parent()
    call, answer = bells
    arrays = shared.arrays()
    mail_in, mail_out = (arrays[STATUS + name][first : first + 1] for name in ("asked", "told"))

    def tell(message: Any) -> None:
        mail_out[0] = message is not None
        answer.ring()  # before the message: a long one waits for its reader
        if message is not None:
            connection.send(message)

    try:
        rows = _Rows(arrays, first, params, env_spec)
    except Exception as error:
        tell(("error", one_line(error)))
        return
    tell(("ok", (rows.env.success_rule, rows.env.saves_state)))
    while True:
        rang = call.wait(_LOOK_UP)
        if not (rang or connection.poll()):
            continue
        try:
            if rang and not mail_in[0]:
                rows.step()
                tell(None)
            else:
                command, arguments = connection.recv()
                tell(("ok", getattr(rows, command)(*arguments)))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            break  # the parent closed the pipe, or is gone
        except Exception as error:
            tell(("error", one_line(error)))
    rows.env.close()


class _Rows:
    """The commands a worker answers."""

    def __init__(
        self, arrays: dict[str, np.ndarray], first: int, params: AttrDict, env_spec: EnvSpec
    ) -> None:
        self.env = SyncVectorEnv(params, env_spec, first_row=first)
        part = slice(first, first + params["num_envs"])
        mine = {name: array[part] for name, array in arrays.items()}
        self._mine = mine
        self._action = [(n, mine[ACTION + n]) for n in env_spec.action_names]
        self._observed = observed_names(env_spec)
        self._goals: list[str] = []
        self._live, self._done = mine[STATUS + "live"], mine[STATUS + "done"]
        self._failed = mine[STATUS + "failed"]

    def reset(
        self, rows: np.ndarray, seeds: list[int] | None, presets: list[AttrDict] | None
    ) -> list[str]:
        """Reset `rows` and return the names of the goals that the environment gives."""
        obs, goal = self.env.begin(rows, seeds, presets)
        self._goals = list(goal.leaf_keys())
        self._publish(OBS, obs, GOAL, goal)
        self._failed[:] = self.env.failed
        return self._goals

    def step(self) -> None:
        """Step the live rows with the shared action."""
        if not all_rows(self._live):
            self.env.retire(~self._live)
        # Copies: an environment may keep the action it was given.
        action = AttrDict((name, array.copy()) for name, array in self._action)
        obs, goal, done = self.env.advance(action)
        self._publish(OBS, obs, GOAL, goal)
        self._done[:] = done
        self._failed[:] = self.env.failed
        if any_row(done) and self.env.params.auto_reset:
            self._publish(FINAL_OBS, self.env.final_obs, FINAL_GOAL, self.env.final_goal)

    def save(self) -> list[AttrDict | None]:
        """Return the states of the rows."""
        return self.env.save_rows()

    def restore(self, states: list[AttrDict | None]) -> list[str]:
        """Go to saved states and return the names of the goals."""
        nobody = np.zeros(self.env.num_envs, bool)  # who is done comes with the next step
        obs = self.env.restore_state(state_of_rows(states, nobody, nobody))
        self._goals = list(self.env.final_goal.leaf_keys())
        self._publish(OBS, obs, GOAL, self.env.final_goal)
        return self._goals

    def judge(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (success, score) of the rows."""
        return self.env.is_success(), self.env.score()

    def render(self, row: int) -> np.ndarray:
        """Return the picture of one of these rows."""
        return self.env.render_row(row)

    def call(self, row: int, method: str, arguments: tuple[Any, ...]) -> Any:
        """Return what a method of one of these rows answers."""
        return self.env.call_sync(method, arguments, row)

    def _publish(self, obs_prefix: str, obs: AttrDict, goal_prefix: str, goal: AttrDict) -> None:
        for name in self._observed:
            self._mine[obs_prefix + name][...] = obs[name]
        for name in self._goals:
            self._mine[goal_prefix + name][...] = goal[name]


def shared_layout(
    env_spec: EnvSpec, rows: int, with_final: bool
) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """The arrays that parent and workers share; `with_final` for an automatic reset."""
    observed = observed_names(env_spec)
    groups = [(OBS, observed), (GOAL, env_spec.goal_names), (ACTION, env_spec.action_names)]
    if with_final:
        groups += [(FINAL_OBS, observed), (FINAL_GOAL, env_spec.goal_names)]
    layout: dict[str, Any] = {
        prefix + name: ((rows, *env_spec.shape(name)), np.dtype(env_spec.dtype(name)))
        for prefix, names in groups
        for name in names
    }
    for flag in ("live", "done", "failed", "asked", "told"):
        layout[STATUS + flag] = ((rows,), np.dtype(bool))
    return layout

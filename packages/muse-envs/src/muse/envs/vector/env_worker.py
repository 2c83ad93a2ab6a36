"""What a worker process of `SubprocVectorEnv` runs: some rows, answering over a pipe."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.spec import EnvSpec
from muse.envs.env import observed_names
from muse.envs.vector.processes import leave_interrupts_to_parent, one_line
from muse.envs.vector.shared_batch import SharedBatch
from muse.envs.vector.sync_vector_env import SyncVectorEnv

#: Prefixes of the shared arrays; a name of the spec may be observation and goal at once.
OBS, GOAL, ACTION, STATUS = "obs:", "goal:", "action:", "status:"


def serve(
    connection: Connection,
    shared: SharedBatch,
    first: int,
    count: int,
    group: AttrDict,
    env_spec: EnvSpec,
) -> None:
    """Own rows `first` .. `first + count - 1`; answer ("ok", value) or ("error", line)."""
    leave_interrupts_to_parent()
    try:
        rows = _Rows(shared, first, count, group, env_spec)
    except Exception as error:
        connection.send(("error", one_line(error)))
        return
    connection.send(("ok", rows.env.success_rule))
    while True:
        try:
            command, arguments = connection.recv()
        except (EOFError, ConnectionResetError):
            break  # the parent closed the pipe, or is gone
        try:
            connection.send(("ok", getattr(rows, command)(*arguments)))
        except Exception as error:
            connection.send(("error", one_line(error)))
    rows.env.close()


class _Rows:
    """The commands a worker answers."""

    def __init__(
        self, shared: SharedBatch, first: int, count: int, group: AttrDict, env_spec: EnvSpec
    ) -> None:
        self.env = SyncVectorEnv(AttrDict(num_envs=count, env=group), env_spec)
        mine = {name: array[first : first + count] for name, array in shared.arrays().items()}
        self._mine = mine
        self._action = [(n, mine[ACTION + n]) for n in env_spec.action_names]

    def reset(self, rows: np.ndarray, seeds: list[int] | None, presets: AttrDict) -> list[str]:
        """Reset `rows` and return the names of the goals that the environment gives."""
        if seeds is None:
            # Only whole resets come unseeded: each row goes on with its own stream.
            obs, goal = self.env.reset(presets)
        else:
            obs, goal = self.env.reset_where(rows, seeds, presets)
        self._publish(obs, goal)
        return list(goal.leaf_keys())

    def step(self, live: np.ndarray) -> None:
        """Step the live rows with the shared action."""
        self.env.retire(~live)
        action = AttrDict((name, array) for name, array in self._action)
        obs, goal, done = self.env.advance(action)
        self._publish(obs, goal)
        self._mine[STATUS + "done"][:] = done

    def render(self, row: int) -> np.ndarray:
        return self.env.render_row(row)

    def _publish(self, obs: AttrDict, goal: AttrDict) -> None:
        for prefix, batch in ((OBS, obs), (GOAL, goal)):
            for name, value in batch.leaf_items():
                self._mine[prefix + name][...] = value
        self._mine[STATUS + "success"][:] = self.env.is_success()
        self._mine[STATUS + "score"][:] = self.env.score()


def shared_layout(env_spec: EnvSpec, rows: int) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """The arrays that parent and workers share."""
    layout: dict[str, Any] = {}
    for prefix, names in (
        (OBS, observed_names(env_spec)),
        (GOAL, env_spec.goal_names),
        (ACTION, env_spec.action_names),
    ):
        for name in names:
            dtype = np.dtype(env_spec.dtype(name))
            layout[prefix + name] = ((rows, *env_spec.shape(name)), dtype)
    layout[STATUS + "done"] = ((rows,), np.dtype(bool))
    layout[STATUS + "success"] = ((rows,), np.dtype(bool))
    layout[STATUS + "score"] = ((rows,), np.dtype(np.float64))
    return layout

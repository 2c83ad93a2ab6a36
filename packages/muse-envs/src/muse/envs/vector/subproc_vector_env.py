"""A vectorised environment over worker processes and shared memory."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, positive
from muse.core.spec import EnvSpec
from muse.envs.batching import all_rows, where_rows
from muse.envs.env import Goal, Observation
from muse.envs.vector.env_worker import (
    ACTION,
    FINAL_GOAL,
    FINAL_OBS,
    GOAL,
    OBS,
    STATUS,
    shared_layout,
)
from muse.envs.vector.processes import WorkerCrashError
from muse.envs.vector.row_worker import RowWorker
from muse.envs.vector.shared_batch import SharedBatch
from muse.envs.vector.vector_env import VectorEnv


class SubprocVectorEnv(VectorEnv):
    """N environments spread over worker processes.

    Observations, goals and actions travel through shared memory, commands through pipes. A worker
    that dies (a simulator that crashes, a kill) costs the episodes of its rows and no more: it is
    reported in one line, its rows are `failed`, and it is started again by the next reset of these
    rows, or at once with `auto_reset`.

    Args:
        params: `num_envs`, the group `env` of one row, and the parameters below.
        env_spec: the spec of a row.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_workers", int | None, None, help="processes; None: one a row", check=positive),
        Param(
            "on_crash",
            str,
            "raise",
            help="a dead worker: raise an error, or warn and end its episodes as failed",
            choices=("raise", "truncate"),
        ),
        Param(
            "start_method",
            str,
            "spawn",
            help="how processes start",
            choices=("spawn", "forkserver"),
        ),
        Param("timeout", float | None, None, help="longest wait for a reset or step", unit="s"),
    )

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        count = min(self.params.num_workers or self.num_envs, self.num_envs)
        edges = np.linspace(0, self.num_envs, count + 1).round().astype(int)
        self._slices = [slice(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
        layout = shared_layout(env_spec, self.num_envs, with_final=self.params.auto_reset)
        self._shared = SharedBatch(layout, self.params.start_method)
        self._arrays = self._shared.arrays()
        self._action_arrays = [(n, self._arrays[ACTION + n]) for n in env_spec.action_names]
        self._goal_names: list[str] = []
        self._never_begun = np.ones(self.num_envs, bool)
        self._saves_state = False
        self._stepping: list[int] = []
        self._workers: list[RowWorker | None] = [None] * count
        try:
            self._start(range(count))
        except BaseException:
            self.close()
            raise

    @property
    def saves_state(self) -> bool:  # type: ignore[override]
        """Whether the rows do."""
        return self._saves_state

    @property
    def processes(self) -> list[Any]:
        """The running workers, None where one has died and not been started again."""
        return list(self._workers)

    def render_row(self, row: int) -> np.ndarray:
        """Return the picture of one row, (H, W, 3) uint8."""
        picture: np.ndarray = self._ask_row(row, "render")
        return picture

    def call_sync(self, command: str, data: tuple[Any, ...] = (), i: int = 0) -> Any:
        """Call the method `command` of the environment in row `i` with the arguments `data`."""
        return self._ask_row(i, "call", command, tuple(data))

    def save_rows(self) -> list[AttrDict | None]:
        """Return the states of the rows; None of those that never began or failed."""
        states: list[AttrDict | None] = [None] * self.num_envs
        alive = [i for i, worker in enumerate(self._workers) if worker is not None]
        for i, saved in self._ask(dict.fromkeys(alive, ("save", ()))).items():
            states[self._slices[i]] = saved
        return states

    def restore_rows(self, states: Sequence[AttrDict | None]) -> tuple[Observation, Goal]:
        """Go to what `save_rows` gave; rows without a state show the first one that has one."""
        parts = {i: list(states[part]) for i, part in enumerate(self._slices)}
        parts = {i: part for i, part in parts.items() if any(row is not None for row in part)}
        self._start([i for i in parts if self._workers[i] is None])
        for names in self._ask({i: ("restore", (part,)) for i, part in parts.items()}).values():
            self._goal_names = names
        self._never_begun = np.array([state is None for state in states])
        return self._read_begun()

    def _reset_rows(
        self, rows: np.ndarray, seeds: list[int] | None, presets: list[AttrDict] | None
    ) -> tuple[Observation, Goal]:
        concerned = [i for i, part in enumerate(self._slices) if rows[part].any()]
        self._start([i for i in concerned if self._workers[i] is None])
        requests = {}
        for i in concerned:
            part = self._slices[i]
            given = (None if each is None else each[part] for each in (seeds, presets))
            requests[i] = ("reset", (rows[part], *given))
        for names in self._ask(requests).values():
            self._goal_names = names
        self._never_begun &= ~rows
        return self._read_begun()

    def _send_step(self, action: AttrDict) -> None:
        live = ~self._over
        if all_rows(live):
            for name, array in self._action_arrays:
                array[...] = action[name]
        else:
            for name, array in self._action_arrays:
                array[live] = action[name][live]
        self._arrays[STATUS + "live"][:] = live
        self._arrays[STATUS + "done"][:] = True
        self._stepping = [i for i, part in enumerate(self._slices) if live[part].any()]
        for worker in [self._living(i) for i in self._stepping]:  # all of them, or none steps
            worker.step()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        self._collect(self._stepping, self.params.timeout, self.params.on_crash == "truncate")
        obs, goal = self._read(OBS, GOAL)
        self._failed = self._arrays[STATUS + "failed"].copy()
        return obs, goal, self._arrays[STATUS + "done"].copy()

    def _next_episodes(
        self, obs: Observation, goal: Goal, done: np.ndarray
    ) -> tuple[Observation, Goal]:
        """The workers have begun them, except those that died just now or had never begun."""
        idle = self._over.copy()
        reset_by_worker = done & ~idle
        final = self._read(FINAL_OBS, FINAL_GOAL)
        self._last_good = (
            where_rows(reset_by_worker, final[0], obs),
            where_rows(reset_by_worker, final[1], goal),
        )
        if idle.any():
            fresh, goal = self._reset_rows(idle, self._new_seeds(), None)
            obs = fresh & (obs > self._outputs)
        return obs, goal

    def _judge(self) -> tuple[np.ndarray, np.ndarray]:
        success, score = np.zeros(self.num_envs, bool), np.zeros(self.num_envs)
        alive = [i for i, worker in enumerate(self._workers) if worker is not None]
        for i, answer in self._ask(dict.fromkeys(alive, ("judge", ()))).items():
            success[self._slices[i]], score[self._slices[i]] = answer
        return success, score

    def _close(self) -> None:
        for worker in self._workers:
            if worker is not None:
                worker.dismiss()  # each ends by itself, all at once
        for index, worker in enumerate(self._workers):
            if worker is not None:
                worker.stop(patience=2.0)
                self._workers[index] = None

    def _read_begun(self) -> tuple[Observation, Goal]:
        """Return what all rows show: those that never began, what the first one does that has."""
        if self._never_begun.any():
            begun = int(np.flatnonzero(~self._never_begun)[0])
            for name, array in self._arrays.items():
                if name.startswith((OBS, GOAL)):
                    array[self._never_begun] = array[begun]
        return self._read(OBS, GOAL)

    def _new_seeds(self) -> list[int]:
        """Seeds for rows that have no stream to go on with, from that of this object."""
        seeds: list[int] = self.rng.integers(0, 2**62, self.num_envs).tolist()
        return seeds

    def _read(self, obs_prefix: str, goal_prefix: str) -> tuple[Observation, Goal]:
        obs = AttrDict((name, self._arrays[obs_prefix + name].copy()) for name in self._emitted)
        goal = AttrDict(
            (name, self._arrays[goal_prefix + name].copy()) for name in self._goal_names
        )
        return obs, goal

    def _start(self, indices: Any) -> None:
        indices = list(indices)
        for i in indices:
            part = self._slices[i]
            rows = part.stop - part.start
            params = self.params.copy() & AttrDict(num_envs=rows, render=False)
            self._workers[i] = RowWorker(
                f"worker {i} (rows {part.start}..{part.stop - 1})",
                self._shared,
                part.start,
                _sync_params(params),
                self.env_spec,
                self.params.start_method,
            )
        # How long a simulator takes to load says nothing about a step: no timeout here.
        for rule, saves_state in self._collect(indices, timeout=None).values():
            self.success_rule, self._saves_state = rule, saves_state

    def _living(self, index: int) -> RowWorker:
        worker = self._workers[index]
        if worker is None:
            raise WorkerCrashError(f"worker {index} has died; reset its rows first")
        return worker

    def _ask(self, requests: dict[int, tuple[str, tuple[Any, ...]]]) -> dict[int, Any]:
        workers = [self._living(index) for index in requests]
        for worker, request in zip(workers, requests.values(), strict=True):
            worker.ask(request)
        return self._collect(list(requests), self.params.timeout)

    def _ask_row(self, row: int, command: str, *arguments: Any) -> Any:
        index = next(i for i, s in enumerate(self._slices) if s.start <= row < s.stop)
        request = (command, (row - self._slices[index].start, *arguments))
        return self._ask({index: request})[index]

    def _collect(
        self, indices: Sequence[int], timeout: float | None, may_lose: bool = False
    ) -> dict[int, Any]:
        """Take one answer from each worker, then raise what went wrong, if anything did.

        With `may_lose`, a dead worker is warned about and its rows end as failed instead.
        """
        answers: dict[int, Any] = {}
        failures: list[EnvError] = []
        for index in indices:
            worker = self._living(index)
            try:
                answer = worker.answer(timeout)
            except WorkerCrashError as crash:
                self._bury(index)
                if may_lose:
                    self._lose(index, crash)
                else:
                    failures.append(crash)
                continue
            if answer is None:
                continue  # a step, and all went well
            status, value = answer
            if status == "ok":
                answers[index] = value
            else:
                self._over[self._slices[index]] = True
                failures.append(EnvError(f"{worker.name}: {value}"))
        if failures:
            raise failures[0]
        return answers

    def _bury(self, index: int) -> None:
        self._living(index).stop()
        self._workers[index] = None
        self._over[self._slices[index]] = True
        self._arrays[STATUS + "failed"][self._slices[index]] = True
        self._failed[self._slices[index]] = True

    def _lose(self, index: int, crash: WorkerCrashError) -> None:
        """End the episodes of a dead worker's rows where they were."""
        warnings.warn(f"{crash}; its episodes count as failed", RuntimeWarning, stacklevel=7)
        part = self._slices[index]
        self._arrays[STATUS + "done"][part] = True
        for name, value in (("reward", 0.0), ("terminated", False), ("truncated", True)):
            if OBS + name in self._arrays:
                self._arrays[OBS + name][part] = value


def _sync_params(params: AttrDict) -> AttrDict:
    """The parameters that a worker's `SyncVectorEnv` has in common with this class."""
    own = {param.name for param in SubprocVectorEnv.declared_params}
    return AttrDict((name, value) for name, value in params.items() if name not in own)

"""A vectorised environment over worker processes and shared memory."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Goal, Observation
from muse.envs.vector.env_worker import ACTION, GOAL, OBS, STATUS, serve, shared_layout
from muse.envs.vector.processes import Worker, WorkerCrashError
from muse.envs.vector.shared_batch import SharedBatch
from muse.envs.vector.vector_env import VectorEnv


class SubprocVectorEnv(VectorEnv):
    """N environments spread over worker processes.

    Observations, goals and actions travel through shared memory, commands through pipes. A worker
    that dies (a simulator that crashes, a kill) costs the episodes of its rows and no more: it is
    reported in one line and started again by the next reset of these rows.

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
            help="a dead worker: raise an error, or warn and count its episodes as truncated",
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
        self._shared = SharedBatch(shared_layout(env_spec, self.num_envs), self.params.start_method)
        self._arrays = self._shared.arrays()
        self._goal_names: list[str] = []
        self._never_begun = np.ones(self.num_envs, bool)
        self._workers: list[Worker | None] = [None] * count
        try:
            self._start(range(count))
        except BaseException:
            self.close()
            raise

    @property
    def processes(self) -> list[Any]:
        """The running workers, None where one has died and not been started again."""
        return list(self._workers)

    def is_success(self) -> np.ndarray:
        """Return the success of each row, (N,) bool."""
        return self._arrays[STATUS + "success"].copy()

    def score(self) -> np.ndarray:
        """Return the score of each row, (N,) float."""
        return self._arrays[STATUS + "score"].copy()

    def render_row(self, row: int) -> np.ndarray:
        """Return the picture of one row, (H, W, 3) uint8."""
        index = next(i for i, s in enumerate(self._slices) if s.start <= row < s.stop)
        answers = self._ask({index: ("render", (row - self._slices[index].start,))})
        picture: np.ndarray = answers[index]
        return picture

    def _reset_rows(
        self, rows: np.ndarray, seeds: list[int] | None, presets: AttrDict
    ) -> tuple[Observation, Goal]:
        concerned = [i for i, part in enumerate(self._slices) if rows[part].any()]
        self._start([i for i in concerned if self._workers[i] is None])
        requests = {
            i: ("reset", (rows[self._slices[i]], _part(seeds, self._slices[i]), presets))
            for i in concerned
        }
        for names in self._ask(requests).values():
            self._goal_names = names
        self._never_begun &= ~rows
        for name, array in self._arrays.items():
            if name.startswith((OBS, GOAL)) and self._never_begun.any():
                array[self._never_begun] = array[np.flatnonzero(~self._never_begun)[0]]
        return self._read()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        live = ~self._over
        for name, value in action.leaf_items():
            self._arrays[ACTION + name][live] = value[live]
        self._arrays[STATUS + "done"][:] = True
        self._ask(
            {i: ("step", (live[part],)) for i, part in enumerate(self._slices) if live[part].any()},
            may_lose=self.params.on_crash == "truncate",
        )
        obs, goal = self._read()
        return obs, goal, self._arrays[STATUS + "done"].copy()

    def _close(self) -> None:
        for worker in self._workers:
            if worker is not None:
                worker.connection.close()  # each ends by itself, all at once
        for index, worker in enumerate(self._workers):
            if worker is not None:
                worker.stop(patience=2.0)
                self._workers[index] = None

    def _read(self) -> tuple[Observation, Goal]:
        obs = AttrDict((name, self._arrays[OBS + name].copy()) for name in self._emitted)
        goal = AttrDict((name, self._arrays[GOAL + name].copy()) for name in self._goal_names)
        return obs, goal

    def _start(self, indices: Any) -> None:
        indices = list(indices)
        for i in indices:
            part = self._slices[i]
            self._workers[i] = Worker(
                f"worker {i} (rows {part.start}..{part.stop - 1})",
                serve,
                (
                    self._shared,
                    part.start,
                    part.stop - part.start,
                    self.params.env,
                    self.env_spec,
                ),
                self.params.start_method,
            )
        # How long a simulator takes to load says nothing about a step: no timeout here.
        for rule in self._collect(indices, timeout=None).values():
            self.success_rule = rule

    def _ask(
        self, requests: dict[int, tuple[str, tuple[Any, ...]]], may_lose: bool = False
    ) -> dict[int, Any]:
        for index, request in requests.items():
            worker = self._workers[index]
            if worker is None:
                raise WorkerCrashError(f"worker {index} has died; reset its rows first")
            worker.send(request)
        return self._collect(list(requests), self.params.timeout, may_lose)

    def _collect(
        self, indices: list[int], timeout: float | None, may_lose: bool = False
    ) -> dict[int, Any]:
        """Take one answer from each worker, then raise what went wrong, if anything did.

        With `may_lose`, a dead worker is warned about and its rows end as truncated instead.
        """
        answers: dict[int, Any] = {}
        failures: list[EnvError] = []
        for index in indices:
            worker = self._workers[index]
            assert worker is not None
            try:
                status, value = worker.receive(timeout)
            except WorkerCrashError as crash:
                self._bury(index)
                if may_lose:
                    self._truncate(self._slices[index], crash)
                else:
                    failures.append(crash)
                continue
            if status == "ok":
                answers[index] = value
            else:
                self._over[self._slices[index]] = True
                failures.append(EnvError(f"{worker.name}: {value}"))
        if failures:
            raise failures[0]
        return answers

    def _bury(self, index: int) -> None:
        worker = self._workers[index]
        assert worker is not None
        worker.stop()
        self._workers[index] = None
        self._over[self._slices[index]] = True

    def _truncate(self, part: slice, crash: WorkerCrashError) -> None:
        warnings.warn(f"{crash}; its episodes count as truncated", RuntimeWarning, stacklevel=6)
        self._arrays[STATUS + "done"][part] = True
        if OBS + "truncated" in self._arrays:
            self._arrays[OBS + "truncated"][part] = True


def _part(seeds: list[int] | None, part: slice) -> list[int] | None:
    return None if seeds is None else seeds[part]

"""Rollouts over worker processes; the episodes do not depend on how many workers there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import imported, instantiate
from muse.core.policy import Policy
from muse.envs.env import Env
from muse.envs.episode import Episode
from muse.envs.rollout import RolloutError, rollout
from muse.envs.vector.processes import (
    Worker,
    WorkerCrashError,
    leave_interrupts_to_parent,
    one_line,
)
from muse.envs.vector.sync_vector_env import SyncVectorEnv


@dataclass(frozen=True)
class Factory:
    """How a worker builds something: an importable function or class, and keyword arguments.

    Args:
        function: the callable, or its import path; a worker imports it by name.
        kwargs: given to it; they must pickle.
    """

    function: Callable[..., Any] | str
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, *args: Any) -> Any:
        """Build it."""
        function = imported(self.function)
        return function(*args, **self.kwargs)


@dataclass(frozen=True)
class Agent:
    """What acts in an environment: a policy, the model it works on, and who sets its goals."""

    policy: Policy
    model: Any = None
    goal_policy: Policy | None = None


def agent_from_group(env: Env, policy: AttrDict) -> Agent:
    """Build the policy of a config group for `env`: the usual `make_policy` without a model."""
    return Agent(instantiate(policy, env.env_spec, env=env, base=Policy))


@dataclass(frozen=True)
class _Job:
    """What every chunk of seeds has in common."""

    max_steps: int | None
    presets: Mapping[str, Any] | None
    record: bool


def parallel_rollout(
    make_env: Factory,
    make_policy: Factory,
    seeds: Sequence[int],
    workers: int | None = None,
    *,
    envs_per_worker: int = 1,
    max_steps: int | None = None,
    presets: Mapping[str, Any] | None = None,
    record: bool = False,
    frames: int = 0,
    on_episode: Callable[[Episode], None] | None = None,
    start_method: str = "spawn",
) -> list[Episode]:
    """Run one episode for each seed, spread over processes.

    The seeds are cut into chunks of `envs_per_worker`, each run as one batch of exactly that many
    rows, so the numbers that come out depend on `envs_per_worker` at most, never on `workers`.

    Args:
        make_env: called without arguments in each worker, gives a single environment.
        make_policy: called with that environment, gives a `Policy` or an `Agent`.
        seeds: one for each episode.
        workers: processes; None for one a core; 0 runs everything in this process.
        envs_per_worker: rows that share each call of the policy.
        max_steps, presets, record, frames: as in `rollout`.
        on_episode: called in this process with each episode, in the order in which they end.
        start_method: "spawn" or "forkserver".

    Returns:
        The episodes in the order of `seeds`.

    Raises:
        RolloutError: when an episode fails, naming its seed.
        WorkerCrashError: when a worker dies, naming the seeds it ran.
    """
    seeds = [int(seed) for seed in seeds]
    if envs_per_worker < 1:
        raise EnvError(f"parallel_rollout: envs_per_worker={envs_per_worker}, expected >= 1")
    chunks = [seeds[i : i + envs_per_worker] for i in range(0, len(seeds), envs_per_worker)]
    pictured = [max(0, frames - i * envs_per_worker) for i in range(len(chunks))]
    tasks = list(zip(range(len(chunks)), chunks, pictured, strict=True))
    job = _Job(max_steps, presets, record)
    count = os.cpu_count() or 1 if workers is None else workers
    if count < 0:
        raise EnvError(f"parallel_rollout: workers={count}, expected None or >= 0")
    results: dict[int, list[Episode]] = {}

    def arrived(index: int, episodes: list[Episode]) -> None:
        results[index] = episodes
        if on_episode is not None:
            for episode in episodes:
                on_episode(episode)

    if count == 0:
        with _Actor(make_env, make_policy, envs_per_worker) as actor:
            for index, chunk, pictures in tasks:
                arrived(index, actor.run(chunk, pictures, job))
    else:
        arguments = (make_env, make_policy, envs_per_worker, job)
        _distribute(tasks, min(count, len(tasks)), arguments, start_method, arrived)
    return [episode for index in range(len(chunks)) for episode in results[index]]


def _distribute(
    tasks: list[tuple[int, list[int], int]],
    count: int,
    arguments: tuple[Any, ...],
    start_method: str,
    arrived: Callable[[int, list[Episode]], None],
) -> None:
    """Hand the tasks to worker processes, the next one to whoever is free."""
    workers: dict[Any, Worker] = {}
    running: dict[Any, tuple[int, list[int], int]] = {}
    waiting = tasks[::-1]
    try:
        for i in range(count):
            worker = Worker(f"rollout worker {i}", _serve, arguments, start_method)
            workers[worker.connection] = worker
            _hand_over(worker, waiting, running)
        while running:
            for connection in wait(list(running)):
                index, episodes = _answer(workers[connection], running.pop(connection))
                arrived(index, episodes)
                _hand_over(workers[connection], waiting, running)
    finally:
        # Also after Ctrl-C or an error: no worker outlives this call.
        for worker in workers.values():
            worker.stop(patience=0.0 if running else 2.0)


def _hand_over(worker: Worker, waiting: list[Any], running: dict[Any, Any]) -> None:
    if waiting:
        task = waiting.pop()
        worker.send(task)
        running[worker.connection] = task


def _answer(worker: Worker, task: tuple[int, list[int], int]) -> tuple[int, list[Episode]]:
    index, chunk, _ = task
    seeds = f"seed {chunk[0]}" if len(chunk) == 1 else f"seeds {chunk}"
    try:
        kind, value = worker.receive()
    except WorkerCrashError as crash:
        raise WorkerCrashError(f"{crash} while it ran {seeds}") from None
    if kind == "episodes":
        return index, value
    if kind == "failed":
        raise RolloutError(value, chunk)
    raise EnvError(f"{worker.name} could not be set up: {value}")


def _serve(
    connection: Connection, make_env: Factory, make_policy: Factory, rows: int, job: _Job
) -> None:
    """What a worker runs: chunks of seeds in, episodes out, until the pipe closes."""
    leave_interrupts_to_parent()
    try:
        actor = _Actor(make_env, make_policy, rows)
    except Exception as error:
        connection.send(("unready", one_line(error)))
        return
    with actor:
        while True:
            try:
                _, chunk, pictures = connection.recv()
            except (EOFError, ConnectionResetError):
                return
            try:
                answer: tuple[str, Any] = ("episodes", actor.run(chunk, pictures, job))
            except Exception as error:
                answer = ("failed", one_line(error))
            try:
                connection.send(answer)
            except (BrokenPipeError, ConnectionResetError):
                return


class _Actor:
    """The environment and agent of one process."""

    def __init__(self, make_env: Factory, make_policy: Factory, rows: int) -> None:
        single: Env = make_env()
        self._env = (
            single
            if rows == 1
            else SyncVectorEnv.of([single, *(make_env() for _ in range(rows - 1))])
        )
        agent = make_policy(single)
        self._agent = agent if isinstance(agent, Agent) else Agent(agent)

    def run(self, seeds: list[int], frames: int, job: _Job) -> list[Episode]:
        """Run one chunk, one row a seed."""
        agent = self._agent
        return rollout(
            self._env,
            agent.policy,
            agent.model,
            seeds=seeds,
            max_steps=job.max_steps,
            presets=job.presets,
            goal_policy=agent.goal_policy,
            record=job.record,
            frames=frames,
        )

    def __enter__(self) -> _Actor:
        return self

    def __exit__(self, *error: object) -> None:
        self._env.close()

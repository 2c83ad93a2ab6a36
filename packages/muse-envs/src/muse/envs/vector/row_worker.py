"""The parent's end of a worker of `SubprocVectorEnv`."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.spec import EnvSpec
from muse.envs.vector.doorbell import Doorbell
from muse.envs.vector.env_worker import STATUS, serve
from muse.envs.vector.processes import Worker, WorkerCrashError
from muse.envs.vector.shared_batch import SharedBatch

#: How often the parent looks whether a worker it waits for still lives, s.
_LOOK_UP = 0.1


class RowWorker(Worker):
    """A process that owns some rows: asked and told by doorbells, and by mail where words are due.

    Args:
        name: how messages call it.
        shared: the batch, with the shared arrays `asked` and `told`.
        first: its first row.
        params: of the `SyncVectorEnv` that it runs.
        env_spec: the spec of a row.
        start_method: "spawn" or "forkserver".
    """

    def __init__(
        self,
        name: str,
        shared: SharedBatch,
        first: int,
        params: AttrDict,
        env_spec: EnvSpec,
        start_method: str,
    ) -> None:
        self._call, self._answer = Doorbell(start_method), Doorbell(start_method)
        arrays = shared.arrays()
        self._asked: np.ndarray = arrays[STATUS + "asked"][first : first + 1]
        self._told: np.ndarray = arrays[STATUS + "told"][first : first + 1]
        arguments = (shared, (self._call, self._answer), first, params, env_spec)
        super().__init__(name, serve, arguments, start_method)

    def step(self) -> None:
        """Let it step its live rows."""
        self._asked[0] = False
        self._call.ring()

    def ask(self, request: tuple[str, tuple[Any, ...]]) -> None:
        """Send (command, arguments)."""
        self._asked[0] = True
        self._call.ring()  # before the message: a long one waits for its reader
        self.send(request)

    def answer(self, timeout: float | None = None) -> Any:
        """Return its answer, None when a step went well.

        Args:
            timeout: seconds to wait; None waits for as long as the process lives.

        Raises:
            WorkerCrashError: when the process is gone or does not answer in time.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not self._answer.wait(_LOOK_UP):
            if not self.is_alive and not self._answer.wait(0.0):
                raise self.crash()
            if end is not None and time.monotonic() > end:
                raise WorkerCrashError(f"{self.name} gave no answer within {timeout:g} s")
        return self.receive() if self._told[0] else None

    def dismiss(self) -> None:
        """Close the pipe and wake it, so that it sees that and ends."""
        self.connection.close()
        self._asked[0] = True
        self._call.ring()

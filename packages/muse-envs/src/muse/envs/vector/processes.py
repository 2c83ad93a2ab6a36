"""Worker processes with one pipe each: started clean, watched, and described when they die."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from muse.core.errors import EnvError, message_line
from muse.core.signals import signal_name

#: What numeric libraries read when they load, to know how many threads to start.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class WorkerCrashError(EnvError):
    """A worker process died or hung; the message says which, and how."""


class Worker:
    """A process that runs `target(connection, *args)` and answers over a pipe.

    Args:
        name: how messages call it.
        target: an importable function; it and `args` must pickle.
        start_method: "spawn" or "forkserver".
    """

    def __init__(
        self,
        name: str,
        target: Callable[..., None],
        args: tuple[Any, ...],
        start_method: str = "spawn",
    ) -> None:
        self.name = name
        context: Any = multiprocessing.get_context(start_method)
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=target, args=(theirs, *args), name=name, daemon=True)
        try:
            with _one_thread_each():
                self._process.start()
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            self.connection.close()
            raise EnvError(
                f"{name} cannot be started: {one_line(error)}; "
                "functions and classes sent to a process must be importable by name"
            ) from error
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return int(self._process.pid)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return bool(self._process.is_alive())

    def send(self, message: Any) -> None:
        """Send; a dead worker is reported by the next `receive`."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(message)

    def receive(self, timeout: float | None = None) -> Any:
        """Return the next answer.

        Args:
            timeout: seconds to wait; None waits for as long as the process lives.

        Raises:
            WorkerCrashError: when the process is gone or does not answer in time.
        """
        try:
            if timeout is not None and not self.connection.poll(timeout):
                raise WorkerCrashError(f"{self.name} gave no answer within {timeout:g} s")
            return self.connection.recv()
        except (EOFError, ConnectionResetError, BrokenPipeError):
            raise self.crash() from None

    def crash(self) -> WorkerCrashError:
        """Return the error that says how the process ended."""
        return WorkerCrashError(f"{self.name} {self._death()}")

    def stop(self, patience: float = 0.0) -> None:
        """End the process, after waiting `patience` seconds for it to end by itself."""
        self.connection.close()
        if patience:
            self._process.join(patience)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(2.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _death(self) -> str:
        self._process.join(5.0)
        code = self._process.exitcode
        if code is None:
            return "closed its pipe"
        if code < 0:
            return f"was killed by {signal_name(-code)}"
        hint = (
            "; a script that starts workers needs `if __name__ == '__main__':`" if code == 1 else ""
        )
        return f"ended with exit status {code}{hint}"


def leave_interrupts_to_parent() -> None:
    """Called in a worker: Ctrl-C reaches the whole group, but only the parent acts on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def one_line(error: BaseException) -> str:
    """The message of an error on one line, with its class unless it is Muse's own."""
    text = message_line(error)
    return text if type(error).__module__.startswith("muse.") else f"{type(error).__name__}: {text}"


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """While a worker starts, tell its numeric libraries to use one thread."""
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

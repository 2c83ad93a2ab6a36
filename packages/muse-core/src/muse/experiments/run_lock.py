"""One writer at a time in a folder."""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from muse.core.errors import UsageError
from muse.experiments.atomic import explain_write_error


class RunLock:
    """A lock on a file that the operating system frees when its holder ends, however it ends.

    Usable as a context manager. Taking it twice in one process through two objects fails too.

    Args:
        path: the lock file; it is made, and stays behind empty of meaning when unlocked.
        what: what the folder is, for the error message.
        remedy: what to do when it is in use.
    """

    def __init__(
        self,
        path: Path,
        what: str = "run folder",
        remedy: str = "wait for it or stop it, or give this run another name with --extra_exp_name",
    ) -> None:
        self.path = path
        self._what, self._remedy = what, remedy
        self._handle: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def acquire(self) -> RunLock:
        """Take the lock; UsageError when another process holds it."""
        if self._handle is not None:
            return self
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            clear = explain_write_error(error, self.path)
            if clear is None:
                raise
            raise clear from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 200).decode("utf-8", "replace").strip() or "another process"
            os.close(handle)
            raise UsageError(
                f"{self._what} {self.path.parent} is in use by {holder}; {self._remedy}"
            ) from error
        with suppress(OSError):  # a full disk: the lock holds without its holder's name
            os.ftruncate(handle, 0)
            os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        self._handle = handle
        return self

    def release(self) -> None:
        """Free the lock; nothing happens when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> RunLock:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

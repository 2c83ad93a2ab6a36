"""SIGTERM and SIGHUP end a command as Ctrl-C does: temporary files and workers go with it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Terminated(BaseException):
    """Somebody asked this process to end. Like KeyboardInterrupt, no `except Exception` stops it.

    Attributes:
        exit_code: what a shell shows for a process that the signal ended.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def terminable() -> Iterator[None]:
    """While inside, raise `Terminated` at SIGTERM and SIGHUP, unless somebody else handles them."""
    previous: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # only there may handlers be set
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                previous[number] = signal.signal(number, _raise)
    try:
        yield
    finally:
        for changed, handler in previous.items():
            signal.signal(changed, handler)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)

"""A signal between two processes that is cheap to give and quick to hear."""

from __future__ import annotations

import multiprocessing
import os
from typing import Any

#: Looks before going to sleep, the processor given away between two. Being woken costs more than
#: a step of a small simulator takes; beyond this many looks the other side needs the processor.
_LOOKS = 300


class Doorbell:
    """A counting semaphore: no ring is lost, and whoever waits looks for a moment before sleeping.

    Args:
        start_method: of the process that shares it; handed over when that starts.
    """

    def __init__(self, start_method: str) -> None:
        self._semaphore: Any = multiprocessing.get_context(start_method).Semaphore(0)

    def ring(self) -> None:
        """Let one `wait` at the other end go on."""
        self._semaphore.release()

    def wait(self, timeout: float) -> bool:
        """Wait for a ring, at most `timeout` seconds; return whether there was one."""
        acquire, give_way = self._semaphore.acquire, os.sched_yield
        for _ in range(_LOOKS):
            if acquire(False):
                return True
            give_way()
        return bool(acquire(True, timeout))

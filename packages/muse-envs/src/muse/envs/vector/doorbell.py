"""A signal between two processes that is cheap to give and quick to hear."""

from __future__ import annotations

import multiprocessing
import os
import time
from typing import Any

#: Looks before going to sleep, the processor given away between two: being woken costs more than a
#: step of a small simulator takes.
_LOOKS = 100
#: Looking that takes longer than this, s, means that others want the processor, or that the step
#: is a long one: it gains nothing then.
_BUSY = 0.0002
#: Waits without looking after that.
_PAUSE = 4000


class Doorbell:
    """A counting semaphore: no ring is lost, and whoever waits looks for a moment before sleeping.

    Args:
        start_method: of the process that shares it; handed over when that starts.
    """

    def __init__(self, start_method: str) -> None:
        self._semaphore: Any = multiprocessing.get_context(start_method).Semaphore(0)
        self._pause = 0

    def ring(self) -> None:
        """Let one `wait` at the other end go on."""
        self._semaphore.release()

    def wait(self, timeout: float) -> bool:
        """Wait for a ring, at most `timeout` seconds; return whether there was one."""
        if self._pause:
            self._pause -= 1
        elif self._look():
            return True
        return bool(self._semaphore.acquire(True, timeout))

    def _look(self) -> bool:
        acquire, give_way = self._semaphore.acquire, os.sched_yield
        start = time.perf_counter()
        for _ in range(_LOOKS):
            if acquire(False):
                return True
            give_way()
            if time.perf_counter() - start > _BUSY:
                self._pause = _PAUSE
                break
        return False

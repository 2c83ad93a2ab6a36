"""Runs commands in two lanes side by side, with each one's output in one piece.

Installing is mostly network and disk, testing mostly one core, so two lanes nearly halve the time.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How one command ended; `output` is what it said, `seconds` how long it took."""

    title: str
    status: int
    seconds: float
    output: str

    def verdict(self) -> str:
        """Return one line: title, time and what pytest said last."""
        lines = [line.strip("= ") for line in self.output.splitlines()]
        said = [x for x in lines if " in " in x and (" passed" in x or " failed" in x)]
        state = "ok    " if self.status == 0 else "FAILED"
        return f"{state} {self.title:12} {self.seconds:4.0f} s  {said[-1] if said else ''}".rstrip()


def run_lanes(commands: Mapping[str, Sequence[str]], lanes: int = 2) -> list[Outcome]:
    """Run `commands` (title -> words), at most `lanes` at once, in the order given."""
    # A job started in the background ignores Ctrl-C and hands that on to its children: a test that
    # interrupts a program of its own would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with ThreadPoolExecutor(max_workers=lanes) as pool:
        outcomes = list(pool.map(lambda item: _run(*item), commands.items()))
    print("\n" + "\n".join(outcome.verdict() for outcome in outcomes), flush=True)
    return outcomes


def _run(title: str, command: Sequence[str]) -> Outcome:
    print(f"{title}: started", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - began
    print(f"\n===== {title} =====\n{done.stdout}", end="", file=sys.stdout, flush=True)
    return Outcome(title, done.returncode, seconds, done.stdout)

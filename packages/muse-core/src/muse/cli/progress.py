"""Progress without any dependency."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_LINE_SECONDS = 10.0  # between lines in a log file
_BAR_SECONDS = 0.1  # between repaints on a terminal


class Progress(ABC, Generic[T]):
    """How far some work is; both an iterable and a context manager.

    Args:
        items: what iterating yields; None for work that is counted with `update`.
        description: what is being done.
        total: number of steps; None when unknown.
    """

    def __init__(self, items: Iterable[T] | None, description: str, total: int | None) -> None:
        self._items = items
        self.description = description
        self.total = total
        self.count = 0
        self.fields: dict[str, Any] = {}

    def update(self, steps: int = 1, **fields: Any) -> None:
        """Count `steps` more; `fields` (loss=0.3) are shown beside the count from now on."""
        self.count += steps
        self.fields.update(fields)
        self._show(finished=False)

    def __iter__(self) -> Iterator[T]:
        if self._items is None:
            raise TypeError("this progress has no items; use it with `with` and update()")
        with self:
            for item in self._items:
                yield item
                self.update()

    def __enter__(self) -> Progress[T]:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._show(finished=True)

    def fields_text(self) -> str:
        """Return the fields as "loss 0.3, rate 12"."""
        return ", ".join(
            f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in self.fields.items()
        )

    @abstractmethod
    def _start(self) -> None:
        """Begin to show."""

    @abstractmethod
    def _show(self, finished: bool) -> None:
        """Show the present state, or the last one."""


class PlainProgress(Progress[T]):
    """One line repainted on a terminal; in a file a line every ten seconds and one at the end."""

    def _start(self) -> None:
        self._began = self._shown = time.monotonic()
        self._is_terminal = sys.stderr.isatty()

    def _show(self, finished: bool) -> None:
        now = time.monotonic()
        wait = _BAR_SECONDS if self._is_terminal else _LINE_SECONDS
        if not finished and now - self._shown < wait:
            return
        self._shown = now
        line = self._line(now - self._began)
        if self._is_terminal:
            print(f"\r{line}\033[K", end="\n" if finished else "", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def _line(self, seconds: float) -> str:
        count = f"{self.count}" if self.total is None else f"{self.count}/{self.total}"
        parts = [f"{self.description} {count}".strip(), f"{seconds:.0f} s"]
        if self.total and 0 < self.count < self.total:
            left = seconds / self.count * (self.total - self.count)
            parts.append(f"about {left:.0f} s left")
        if self.fields:
            parts.append(self.fields_text())
        return "  ".join(parts)

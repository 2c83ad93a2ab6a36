"""Progress drawn by rich; imported only where rich is installed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichBar

from muse.cli.progress import Progress

T = TypeVar("T")


class RichProgress(Progress[T]):
    """A bar with count, time and fields on a terminal."""

    def __init__(self, items: Iterable[T] | None, description: str, total: int | None) -> None:
        super().__init__(items, description, total)
        self._bar = RichBar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[more]}", markup=False),
            console=Console(stderr=True),
        )

    def _start(self) -> None:
        self._task = self._bar.add_task(self.description, total=self.total, more="")
        self._bar.start()

    def _show(self, finished: bool) -> None:
        self._bar.update(self._task, completed=self.count, more=self.fields_text())
        if finished:
            self._bar.stop()

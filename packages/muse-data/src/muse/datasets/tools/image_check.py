"""Watching one camera go by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from muse.datasets.formats.source import Column
from muse.datasets.tools.finding import Finding

_BLACK = 8  # of 255: no pixel is brighter
_LONG = 5  # frames in a row that make a camera frozen


class ImageCheck:
    """Finds frames that are black, and frames that repeat although the robot moved."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.low, self.high = 255, 0
        self._frames = 0
        self._stuck = 0
        self._longest = (0, 0, 0)  # frames, episode, first step
        self._black: list[tuple[int, int]] = []  # episode, step

    def update(self, frames: NDArray[np.uint8], episode: int, moved: NDArray[np.bool_]) -> None:
        """Take in one episode.

        Args:
            frames: (L, H, W, C).
            episode: its number.
            moved: (L,), whether the state at a step differs from that of the step before.
        """
        run = 0
        self._frames += len(frames)
        for step, frame in enumerate(frames):
            low, high = int(frame.min()), int(frame.max())
            self.low, self.high = min(self.low, low), max(self.high, high)
            if high < _BLACK:
                self._black.append((episode, step))
            same = step > 0 and bool(moved[step]) and np.array_equal(frame, frames[step - 1])
            run = run + 1 if same else 0
            self._stuck += same
            if run > self._longest[0]:
                self._longest = (run, episode, step - run + 1)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the pictures."""
        if self._black:
            episode, step = self._black[0]
            count = len(self._black)
            yield Finding("warning", f"{count} black frames", self.column.name, episode, step)
        run, episode, step = self._longest
        if run >= _LONG:
            message = (
                f"frozen: {self._stuck} of {self._frames} frames equal the one before though the "
                f"state moved, {run} in a row"
            )
            yield Finding("warning", message, self.column.name, episode, step)

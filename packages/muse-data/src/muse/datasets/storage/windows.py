"""Which windows a set of episodes has, and which rows each of them covers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class WindowIndex:
    """Every window of `horizon` steps that are `skip` steps apart, numbered from 0.

    Windows are numbered episode by episode and by start within an episode, so that each window,
    the last one of each episode included, has exactly one number. A window covers `span` rows:
    `(horizon - 1) * skip + 1`.

    Args:
        starts: first row of each episode, (E,).
        lengths: steps of each episode, (E,).
        horizon: steps in a window.
        skip: rows from one step of a window to the next.
        pad_end: let a window begin at every step; past the end of its episode the last step is
            repeated.
        pad_short: give an episode shorter than `span` a window too, zeros past its end.
    """

    def __init__(
        self,
        starts: Any,
        lengths: Any,
        horizon: int,
        skip: int = 1,
        pad_end: bool = False,
        pad_short: bool = False,
    ) -> None:
        self.episode_starts: Rows = np.asarray(starts, np.int64)
        self.episode_lengths: Rows = np.asarray(lengths, np.int64)
        self.horizon, self.skip = horizon, skip
        self.span = (horizon - 1) * skip + 1
        self.pad_end, self.pad_short = pad_end, pad_short
        self.counts: Rows = self._count()
        self.first: Rows = np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int64)
        self._offsets: Rows = np.arange(horizon, dtype=np.int64) * skip
        self._ends = self.first[1:].view(np.uint64)
        self._shifts: Rows = self.episode_starts - self.first[:-1]

    def _count(self) -> Rows:
        if self.pad_end:
            return self.episode_lengths.copy()
        counts = np.maximum(self.episode_lengths - self.span + 1, 0)
        if self.pad_short:
            counts[(self.episode_lengths > 0) & (counts == 0)] = 1
        return counts

    def __len__(self) -> int:
        return int(self.first[-1])

    @property
    def can_pad(self) -> bool:
        """Whether batches come with a padding mask."""
        return self.pad_end or self.pad_short

    @cached_property
    def starts(self) -> Rows:
        """First row of every window, (W,); 8 bytes a window, for data that do not change."""
        shift = self.episode_starts - self.first[:-1]
        return np.arange(len(self), dtype=np.int64) + np.repeat(shift, self.counts)

    @cached_property
    def sampled_episodes(self) -> Rows:
        """Numbers of the episodes that have at least one window."""
        return np.flatnonzero(self.counts).astype(np.int64)

    def episodes(self, windows: Rows) -> Rows:
        """Return the episode of each window, same shape as `windows`; -1 is the last window."""
        windows = np.where(windows < 0, windows + len(self), windows)
        return np.searchsorted(self.first, windows, side="right") - 1

    def locate(self, windows: Rows) -> tuple[Rows, Rows]:
        """Return the episode and the first row of each window.

        Raises:
            IndexError: there is no such window.
        """
        # Seen without a sign, a negative number lies behind the end, so one search finds both.
        episodes = self._ends.searchsorted(windows.view(np.uint64), side="right")
        try:
            return episodes, windows + self._shifts.take(episodes)
        except IndexError:
            windows = np.where(windows < 0, windows + len(self), windows)
            if (windows < 0).any():
                raise
        episodes = self._ends.searchsorted(windows.view(np.uint64), side="right")
        return episodes, windows + self._shifts.take(episodes)

    def windows_of(self, episodes: Rows, fractions: NDArray[np.float64]) -> Rows:
        """Return windows that lie `fractions` (in [0, 1)) of the way through their episodes."""
        counts = self.counts[episodes]
        within = np.minimum((fractions * counts).astype(np.int64), counts - 1)
        return self.first[episodes] + within

    def rows(self, windows: Rows) -> tuple[Rows, Mask, Mask | None]:
        """Return what each step of the windows reads.

        Returns:
            rows (B, H), clipped to the episode; mask (B, H), True where a step lies past the end;
            zeros (B, H), True where it has to be zero, None when nothing has.
        """
        episodes, starts = self.locate(windows)
        ends = self.episode_starts[episodes] + self.episode_lengths[episodes]
        rows = starts[:, None] + self._offsets
        padded = rows >= ends[:, None]
        np.minimum(rows, (ends - 1)[:, None], out=rows)
        if not self.pad_short:
            return rows, padded, None
        short = self.episode_lengths[episodes] < self.span
        return rows, padded, padded & short[:, None]

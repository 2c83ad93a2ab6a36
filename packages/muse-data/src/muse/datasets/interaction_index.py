"""`InteractionIndex`: the windows that interactions have, and those that come before contact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from muse.datasets.storage.windows import Mask, Rows, WindowIndex


class InteractionIndex:
    """Where interactions lie and which windows may be drawn from them.

    Args:
        bounds: [episode, begin, contact_start, contact_end, end] of each, (P, 5); all but the
            episode are rows of the store, both ends included.
        window: steps in a window, and rows from one to the next.
        soft: how far windows reach beyond the contact.
        init_soft: how far pre-windows reach into it.
        pad_short: keep interactions shorter than a window.
    """

    def __init__(
        self,
        bounds: NDArray[np.int64],
        window: tuple[int, int],
        soft: int,
        init_soft: int,
        pad_short: bool,
    ) -> None:
        self.episode, self.begin, contact_start, self.contact_end, self.end = bounds.T
        low = np.maximum(contact_start - soft, self.begin)
        high = np.minimum(self.contact_end + soft, self.end)
        self.windows = WindowIndex(low, high - low + 1, *window, pad_short=pad_short)
        # A contact from the first step on leaves that step alone.
        last = np.clip(contact_start - 1 + init_soft, self.begin, self.end)
        self.pre = WindowIndex(self.begin, last - self.begin + 1, *window, pad_short=True)

    def whole(self, periods: Rows) -> tuple[Rows, Mask]:
        """Return the rows of whole interactions (B, longest), and which lie past the end."""
        begin, end = self.begin[periods], self.end[periods]
        longest = int((end - begin).max(initial=0)) + 1
        rows = begin[:, None] + np.arange(longest)
        padded = rows > end[:, None]
        return np.minimum(rows, end[:, None]), padded

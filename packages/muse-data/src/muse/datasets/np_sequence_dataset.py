"""`NpSequenceDataset`: every window of every episode has a number."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.datasets.np_dataset import NpDataset
from muse.datasets.storage.windows import Rows


class NpSequenceDataset(NpDataset):
    """Episodes in numpy arrays, addressed by window.

    Indices of `get_batch` are window numbers (B,), 0 to `len(dataset)` - 1: all windows of the
    first episode by their start, then those of the second, …; negative ones count from the end.
    Without padding an episode of L steps has L - span + 1 of them, with
    `span = (horizon - 1) * horizon_skip + 1`.
    """

    def __len__(self) -> int:
        """Number of windows."""
        return self.num_windows

    def windows_of_indices(self, indices: Any) -> Rows:
        """Return the window numbers (B,), which the indices are."""
        return np.asarray(indices, np.int64)

    def window_indices(self, windows: Rows) -> Rows:
        """Return the indices that mean these windows: their numbers."""
        return windows

"""Writing a dataset's episodes in the `.npz` key layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from muse.datasets.formats.npz_writer import NpzWriter, npz_writer
from muse.datasets.storage.windows import Rows

_PIECE = 32 << 20


def save_episodes(
    path: Path,
    store: Any,
    step_names: Sequence[str],
    onetime_names: Sequence[str],
    lengths: Rows,
    episodes: range,
) -> None:
    """Write whole episodes of a store to `path`, atomically.

    The layout: one array (N, …) for each step name, one (E, …) for each one-time name, keys with
    `/` for nested names, episodes one behind the other and ended by True in `done`.
    """
    with npz_writer(path) as writer:
        for name in step_names:
            _write_steps(writer, name, store, lengths, episodes)
        for name in onetime_names:
            writer.write(name, store.onetime(name)[episodes.start : episodes.stop])


def _write_steps(writer: NpzWriter, name: str, store: Any, lengths: Rows, episodes: range) -> None:
    first = store.episode(name, episodes.start)
    total = int(np.sum(lengths[episodes.start : episodes.stop]))
    pieces = (store.episode(name, i) for i in episodes)
    writer.write_pieces(name, first.dtype, (total, *first.shape[1:]), pieces)

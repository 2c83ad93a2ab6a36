"""Folding: making recorded episodes part of the array files."""

from __future__ import annotations

import shutil
from pathlib import Path

from muse.core.errors import DataError
from muse.datasets.store.manifest import Manifest
from muse.datasets.store.recorded import RecordedEpisode, recorded_episodes
from muse.datasets.store.writer import StoreWriter


def fold_recorded(store: Path) -> int:
    """Add every finished episode to the array files and return how many those were.

    The caller holds the store's lock. The manifest changes last and in one step: whatever happens
    before leaves the episodes where they are, and what was written behind the data is overwritten
    the next time. Only one episode is held in memory at a time.

    Raises:
        DataError: a finished episode is damaged; the others stay as they are.
        MuseError: the disk is full.
    """
    known = Manifest.read(store).episodes
    fresh = [(number, path) for number, path in recorded_episodes(store) if number >= known]
    if fresh:
        writer = StoreWriter.append_to(store)
        try:
            for number, path in fresh:
                if number != writer.num_episodes:
                    raise DataError(
                        f"{store} lacks the recorded episode {writer.num_episodes}, though "
                        f"{number} is there; put it back, or move the later ones out of the store"
                    )
                recorded = RecordedEpisode(path, writer.manifest)
                writer.add_episode(recorded.episode(), recorded.salvaged)
            writer.commit()
        finally:
            writer.close()
    for _, path in recorded_episodes(store):
        shutil.rmtree(path, ignore_errors=True)
    return len(fresh)

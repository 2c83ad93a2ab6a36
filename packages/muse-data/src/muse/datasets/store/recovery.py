"""Salvaging what a crash left in a store."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from muse.datasets.formats.source import Column
from muse.datasets.store.episode_log import seal
from muse.datasets.store.folding import fold_recorded
from muse.datasets.store.manifest import Manifest
from muse.datasets.store.places import remove_other_folders, store_lock
from muse.datasets.store.recorded import LOG, recorded_episodes
from muse.datasets.store.segments import read_payload, scan, unpack
from muse.experiments import atomic


@dataclass(frozen=True)
class Salvaged:
    """What there was of an episode that a crash cut short.

    Args:
        number: of the episode; None when not one step of it was on the disk.
        steps: steps saved.
        torn_bytes: bytes behind them, of a segment that was being written.
        unknown: one-time columns not known yet at the crash, zero now.
    """

    number: int | None
    steps: int
    torn_bytes: int
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Recovery:
    """What `recover` found and did.

    Args:
        salvaged: episodes that a crash cut short.
        folded: finished and salvaged episodes that are part of the array files now.
        removed: leftovers of killed writers.
    """

    salvaged: tuple[Salvaged, ...]
    folded: int
    removed: int


def recover(path: str | os.PathLike[str]) -> Recovery:
    """Make the synced steps of partial episodes episodes, and fold all that are finished.

    Doing it again changes nothing. A salvaged episode is marked so in the manifest.

    Raises:
        DataError: `path` is no store, or damaged beyond the open episode.
        UsageError: a recorder is at work there.
    """
    store = Path(path)
    Manifest.read(store)
    with store_lock(store):
        manifest = Manifest.read(store)
        removed = len(atomic.remove_leftovers(store, is_locked=True))
        removed += remove_other_folders(store / manifest.folder)
        partial = recorded_episodes(store, partial=True)
        salvaged = tuple(_salvage(store, n, folder, manifest) for n, folder in partial)
        return Recovery(salvaged, fold_recorded(store), removed)


def _salvage(store: Path, number: int, folder: Path, manifest: Manifest) -> Salvaged:
    log = folder / LOG
    if not log.exists():
        shutil.rmtree(folder)
        return Salvaged(None, 0, 0, ())
    steps, end, known = _sound_part(log, manifest.columns())
    torn = log.stat().st_size - end
    if not steps:
        shutil.rmtree(folder)
        return Salvaged(None, 0, torn, ())
    with open(log, "r+b") as handle:
        handle.truncate(end)
        os.fsync(handle.fileno())
    seal(store, number, steps, salvaged=True)
    once = [c.name for c in manifest.columns() if c.per == "episode"]
    return Salvaged(number, steps, torn, tuple(n for n in once if n not in known))


def _sound_part(log: Path, columns: list[Column]) -> tuple[int, int, set[str]]:
    """Return the steps of a log that are sound, where they end, and the one-time names known."""
    steps, end, known = 0, 0, set[str]()
    segments, _ = scan(log, columns)
    with open(log, "rb") as handle:
        for segment in segments:
            payload = read_payload(handle.fileno(), segment)
            if payload is None:
                break
            steps, end = steps + segment.count, segment.begin + segment.size
            known = set(unpack(payload, columns, segment.count)[1])
    return steps, end, known

"""`StoreRecorder`: appends episodes to a store, step by step, and loses none of them."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.core.spec import EnvSpec
from muse.datasets.columns import TIMESTEP, Columns
from muse.datasets.formats.source import Column
from muse.datasets.np_recording import Recording
from muse.datasets.store.episode_log import EpisodeLog
from muse.datasets.store.folding import fold_recorded
from muse.datasets.store.manifest import MANIFEST, Manifest
from muse.datasets.store.places import store_lock
from muse.datasets.store.recorded import recorded_episodes
from muse.datasets.store.spec import spec_of
from muse.datasets.store.writer import StoreWriter

log = logging.getLogger("muse.datasets")


class StoreRecorder:
    """Records into the store at `path`, which is made if it is not there.

    A crash loses at most the steps of the open episode that were not synced yet. Finished
    episodes are on the disk, and readers that open the store see them. Use it as a context manager.

    Args:
        path: folder of the store.
        spec: of the data: its names a step become columns, its param and final names one-time
            columns; None: that of the store.
        sync_every: steps after which the open episode is forced to the disk.
        fold_every: finished episodes after which these become part of the array files; they do so
            when the recorder is closed at the latest.
        codec: of a new store's images, see `StoreWriter`.
        quality: of encoded images, 1 to 95.
        info: what else is known, for a new store.

    Raises:
        DataError: a crash left an unfinished episode; the message says how to salvage it.
        UsageError: another process records to this store or writes it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        spec: EnvSpec | None = None,
        *,
        sync_every: int = 50,
        fold_every: int = 100,
        codec: str | Mapping[str, str] = "raw",
        quality: int = 90,
        info: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = Path(path)
        self._sync_every, self._fold_every = sync_every, fold_every
        if not (self.path / MANIFEST).exists():
            _make_store(self.path, spec, codec, quality, info or {})
        self.spec = spec_of(self.path) if spec is None else spec
        self._lock = store_lock(self.path).acquire()
        try:
            self._begin()
        except BaseException:
            self._lock.release()
            raise

    def _begin(self) -> None:
        if recorded_episodes(self.path, partial=True):
            raise DataError(
                f"{self.path}: a crash left an unfinished episode; to keep what there is of it, "
                f"run: muse data recover {self.path}"
            )
        manifest = Manifest.read(self.path)
        finished = [number for number, _ in recorded_episodes(self.path)]
        number = max([manifest.episodes - 1, *finished]) + 1
        self._folded = manifest.episodes
        columns = manifest.columns()
        steps = [c.name for c in columns if c.per == "step"]
        onetime = [c.name for c in columns if c.per == "episode"]
        _check_fits(self.path, columns, self.spec)
        done = self.spec.done_key
        accepted = Columns(self.spec, steps, onetime, done, False, True)
        self._log = EpisodeLog(self.path, columns, number)
        self._recording = Recording(self._log, accepted, [*steps, done], onetime, True)

    @property
    def num_episodes(self) -> int:
        """Finished episodes in the store."""
        return self._log.number

    @property
    def open_steps(self) -> int:
        """Steps of the episode begun but not finished."""
        return self._log.open_steps

    def add(self, input: AttrDict, output: AttrDict | None = None) -> None:
        """Add one step of arrays (1, …); the step whose done is True ends the episode.

        What each array must look like is as in `NpDataset.add`.
        """
        data = input if output is None else input & output
        self._recording.add(data.leaf_apply(np.array))  # the caller may use its arrays again
        if self._log.unsynced >= self._sync_every:
            self.sync()
        self._fold_when_due()

    def add_episode(self, inputs: AttrDict, outputs: AttrDict | None = None) -> None:
        """Add a whole episode of arrays (L, …), on the disk when this returns."""
        self._recording.add_episode(inputs if outputs is None else inputs & outputs)
        self._fold_when_due()

    def end_episode(self) -> None:
        """End the episode begun with `add`, if any; it is on the disk when this returns."""
        self._recording.terminate()
        self._fold_when_due()

    def discard_episode(self) -> None:
        """Throw away the episode begun with `add`."""
        self._recording.clear()

    def sync(self) -> None:
        """Force the steps of the open episode to the disk now."""
        if self._log.unsynced:
            self._log.sync(self._recording.begun)

    def fold(self) -> None:
        """Make the finished episodes part of the array files."""
        fold_recorded(self.path)
        self._folded = self._log.number

    def close(self) -> None:
        """Fold what is finished and free the store; an open episode stays, as a partial one."""
        if not self._lock.is_held:
            return
        try:
            if self._log.open_steps:
                self.sync()
                log.warning(
                    "%s: closed within an episode of %d steps; to keep it, run: "
                    "muse data recover %s",
                    self.path,
                    self._log.open_steps,
                    self.path,
                )
            self.fold()
        finally:
            self._log.close()
            self._lock.release()

    def __enter__(self) -> StoreRecorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _fold_when_due(self) -> None:
        if self._log.number - self._folded >= self._fold_every:
            self.fold()


def _make_store(
    path: Path,
    spec: EnvSpec | None,
    codec: str | Mapping[str, str],
    quality: int,
    info: Mapping[str, Any],
) -> None:
    if spec is None:
        raise DataError(f"{path} is not there yet; hand the recorder a spec to make it")
    once = dict.fromkeys((*spec.param_names, *spec.final_names))
    steps = [n for n in spec.names if n not in (spec.done_key, TIMESTEP)]
    columns = [_column(spec, name, "step") for name in steps]
    columns += [_column(spec, name, "episode") for name in once]
    with StoreWriter(path, columns, spec=spec.params, info=info, codec=codec, quality=quality):
        pass  # a store without episodes


def _column(spec: EnvSpec, name: str, per: Any) -> Column:
    return Column(name, "recorded", tuple(spec.shape(name)), np.dtype(spec.dtype(name)), per)


def _check_fits(path: Path, columns: list[Column], spec: EnvSpec) -> None:
    for column in columns:
        known = column.name in spec.all_spec_names
        if known and (tuple(spec.shape(column.name)), np.dtype(spec.dtype(column.name))) == (
            column.shape,
            column.dtype,
        ):
            continue
        raise DataError(
            f"{path} holds {column.name!r} of shape {column.shape} and {column.dtype}, which the "
            "spec does not describe so; record with the spec the store was made with"
        )

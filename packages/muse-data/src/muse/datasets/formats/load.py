"""From `.npz` files to an `EpisodeTable` that fits an env spec."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, suggest
from muse.datasets.columns import TIMESTEP, Columns, refuse_nan
from muse.datasets.formats.npz_reader import NpzReader
from muse.datasets.storage.table import EpisodeTable, lengths_from_done, timesteps


class _Source:
    """One open file and its episodes."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.reader = NpzReader(path)
        self.where = str(path)
        done = columns.fit(columns.done_key, self.reader.read(columns.done_key), self.where)
        self.rows = len(done)
        if not self.rows:
            raise DataError(f"{path}: {columns.done_key!r} is empty; expected at least one step")
        if not done[-1]:
            last = np.flatnonzero(done)
            open_steps = self.rows - (int(last[-1]) + 1 if len(last) else 0)
            raise DataError(
                f"{path}: {columns.done_key!r} does not end the file: its last {open_steps} steps "
                "belong to an unfinished episode; set the last entry True or cut these steps off"
            )
        self.lengths = self.all_lengths = lengths_from_done(done)

    def keep(self, episodes: int) -> None:
        """Use the first `episodes` only."""
        self.lengths = self.lengths[:episodes]

    @property
    def kept_rows(self) -> int:
        return int(self.lengths.sum())


class NpzLoader:
    """Reads the columns of a dataset from one or more files.

    Args:
        columns: what to read and what it must look like.
        initial_load_episodes: stop after so many episodes over all files; 0 for all.
        allow_missing: leave out step names that no file has.
        allow_missing_onetime: take missing one-time values from the step column of that name.
    """

    def __init__(
        self,
        columns: Columns,
        initial_load_episodes: int = 0,
        allow_missing: bool = False,
        allow_missing_onetime: bool = True,
    ) -> None:
        self._columns = columns
        self._most = initial_load_episodes
        self._allow_missing = allow_missing
        self._allow_missing_onetime = allow_missing_onetime

    def load(self, paths: Sequence[Path]) -> EpisodeTable:
        """Return the episodes of all files, in order; step names left out are not in it.

        Raises:
            DataError: a file is missing, damaged, or does not fit the spec.
        """
        with ExitStack() as stack:
            sources = self._open(paths, stack)
            lengths = np.concatenate([s.lengths for s in sources])
            steps = {}
            for name in self._columns.steps:
                column = self._step_column(name, sources, lengths)
                if column is not None:
                    steps[name] = column
            onetime = {n: self._onetime_column(n, sources) for n in self._columns.onetime}
        files = tuple(source.reader.path for source in sources)
        where = sources[0].where if len(sources) == 1 else f"{len(sources)} files"
        return EpisodeTable(steps, onetime, lengths, where, files)

    def _open(self, paths: Sequence[Path], stack: ExitStack) -> list[_Source]:
        sources: list[_Source] = []
        left = self._most
        for path in paths:
            source = _Source(path, self._columns)
            stack.callback(source.reader.close)
            sources.append(source)
            if self._most:
                source.keep(left)
                left -= len(source.lengths)
                if left <= 0:
                    break
        return sources

    def _step_column(
        self, name: str, sources: list[_Source], lengths: NDArray[np.int64]
    ) -> NDArray[Any] | None:
        if name == self._columns.done_key:
            done = np.zeros(int(lengths.sum()), np.bool_)
            done[np.cumsum(lengths) - 1] = True
            return done
        lacking = [s for s in sources if name not in s.reader]
        if lacking and name == TIMESTEP:
            return timesteps(lengths)
        if lacking:
            if self._allow_missing and len(lacking) == len(sources):
                return None
            raise self._missing(name, lacking[0])
        pieces = [self._read_steps(name, source) for source in sources]
        return pieces[0] if len(pieces) == 1 else _join(name, pieces)

    def _read_steps(self, name: str, source: _Source) -> NDArray[Any]:
        shape = source.reader.header(name).shape
        if not shape or shape[0] != source.rows:
            raise DataError(
                f"{source.where}: {name!r} has {shape[0] if shape else 'no'} steps, "
                f"{self._columns.done_key!r} has {source.rows}; expected equally many; save the "
                "file again"
            )
        array = self._columns.fit(name, source.reader.read(name), source.where)
        if source.kept_rows < source.rows:
            array = array[: source.kept_rows].copy()
        if name in self._columns.actions:
            refuse_nan(name, array, source.lengths, source.where)
        return array

    def _onetime_column(self, name: str, sources: list[_Source]) -> NDArray[Any]:
        return _join(name, [self._read_onetime(name, source) for source in sources])

    def _read_onetime(self, name: str, source: _Source) -> NDArray[Any]:
        key = name if name in source.reader else None
        if key is None and self._allow_missing_onetime:
            key = next((k for k in _step_keys(name) if k in source.reader), None)
        if key is None:
            raise self._missing(name, source)
        array = self._columns.fit(name, source.reader.read(key), source.where)
        total = len(source.all_lengths)
        if len(array) == source.rows and len(array) != total:
            ends = np.cumsum(source.lengths)
            rows = ends - 1 if name in self._columns.final else ends - source.lengths
            return array[rows]
        if len(array) != total:
            raise DataError(
                f"{source.where}: one-time key {key!r} has {len(array)} entries; expected one for "
                f"each of {total} episodes (or {source.rows} steps); save the file again"
            )
        return array[: len(source.lengths)]

    def _missing(self, name: str, source: _Source) -> DataError:
        near = suggest(name, source.reader.keys)
        return DataError(
            f"{source.where} has no key {name!r}; it has: {', '.join(source.reader.keys)}; list "
            "the names to use in step_names, or set allow_missing=True to go without those the "
            f"data lacks.{near}"
        )


def _step_keys(name: str) -> list[str]:
    """Step keys that can stand in for a one-time key: `goal/x` and `param/x` come from `x`."""
    head, _, tail = name.partition("/")
    return [tail] if tail and head in ("goal", "param") else []


def _join(name: str, pieces: list[NDArray[Any]]) -> NDArray[Any]:
    if len({p.shape[1:] for p in pieces}) > 1:
        raise DataError(
            f"{name!r} has another shape in each file: {', '.join(str(p.shape) for p in pieces)}; "
            "expected the same shape for one step"
        )
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

"""`Hdf5Dataset`: episodes of an HDF5 file in robomimic's layout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError, suggest
from muse.core.params import Param
from muse.datasets.columns import refuse_nan
from muse.datasets.episode_range import chosen_episodes
from muse.datasets.formats.places import find_data_file
from muse.datasets.statistics_cache import CACHE_FROM_BYTES, StatisticsCache
from muse.datasets.storage.episodes import Episodes
from muse.datasets.storage.frozen_episodes import FrozenEpisodes
from muse.datasets.storage.hdf5_column import Hdf5Column
from muse.datasets.storage.hdf5_episodes import Hdf5Episodes
from muse.datasets.storage.hdf5_file import Hdf5File
from muse.datasets.storage.table import EpisodeTable
from muse.datasets.storage.windows import Rows
from muse.datasets.window_dataset import WindowDataset

#: robomimic's words for what Muse calls otherwise.
_SYNONYMS = {"action": "actions", "reward": "rewards"}


class Hdf5Dataset(WindowDataset):
    """Windows of episodes that lie in one HDF5 file, read only, addressed as in `WindowDataset`.

    Each episode is a group with an array a name; `x` is looked for as `x`, `obs/x`, and for
    `action` and `reward` as `actions` and `rewards`; `key_map` says otherwise. float64 becomes the
    spec's float32, arrays of rank 1 become columns. `done` marks each group's last step.

    With `cache` the columns are held in memory, each step once. Without it windows are read from
    the file: from its mapped bytes where arrays are stored whole, through HDF5 where they are
    chunked or compressed. Processes forked off (torch's DataLoader) open the file anew.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("file", str | None, None, help="the .hdf5 file"),
        Param("prefix", str, "/data/", help="group that holds the episodes"),
        Param("ep_prefix", str, "demo_", help="what their names begin with, before a number"),
        Param("filter_key", str | None, None, help="use the episodes that mask/<this> lists"),
        Param("key_map", AttrDict, AttrDict(), help="name -> where it lies in an episode's group"),
        Param("cache", bool, True, help="hold the columns in memory"),
        Param(
            "pad_end_sequence",
            bool,
            True,
            help="let windows begin at every step; past the end the last step is repeated",
        ),
    )

    #: The file read.
    path: Path

    def _open(self) -> tuple[Episodes, tuple[str, ...]]:
        if self.params.load_from_base:
            whole, names = self._of_base()
        else:
            if self.params.file is None:
                raise ParamError("Hdf5Dataset: file is missing; expected the .hdf5 file to read")
            whole, names = self._of_file(find_data_file(self.params.file, self.file_manager))
        count = len(whole.table.lengths) if isinstance(whole, FrozenEpisodes) else whole.count
        begin, end = chosen_episodes(self.params.load_episode_range, count, str(self.path))
        if self.path.stat().st_size >= CACHE_FROM_BYTES:
            given = {k: self.params[k] for k in ("prefix", "ep_prefix", "filter_key")}
            part = {**given, "keys": self.params.key_map.as_dict(), "episodes": [begin, end]}
            types = {n: [str(e) for e in self.columns.expected(n)] for n in names}
            self._statistics_cache = StatisticsCache([self.path], {**part, "columns": types})
        return whole.select(begin, end), names

    @property
    def prefetch_with(self) -> Literal["threads", "processes"]:
        """Processes where HDF5, which one thread at a time may use, has to decode."""
        mapped = not isinstance(self.store, Hdf5Episodes) or self.store.is_mapped
        return "threads" if mapped else "processes"

    def cleanup(self) -> None:
        """Close the file; it is opened again when read."""
        if isinstance(self.store, Hdf5Episodes):
            self.store.close()

    def _of_base(self) -> tuple[Any, tuple[str, ...]]:
        base = self.base_dataset
        if not isinstance(base, Hdf5Dataset):
            raise ParamError(
                f"Hdf5Dataset: load_from_base=True needs an Hdf5Dataset as base_dataset, got "
                f"{type(base).__name__}; build it first and hand it over"
            )
        self.path = base.path
        lacking = [n for n in self.columns.all if n not in base.names]
        if lacking and not self.params.allow_missing:
            raise DataError(
                f"{self.path} was loaded without {', '.join(map(repr, lacking))}; list them in "
                "step_names of the dataset that loads it"
            )
        return base.store, tuple(n for n in self.columns.all if n not in lacking)

    def _of_file(self, path: Path) -> tuple[Any, tuple[str, ...]]:
        self.path, file = path, Hdf5File(path)
        groups = file.episodes(self.params.prefix, self.params.ep_prefix, self.params.filter_key)
        keys = {n: self._key(file, groups[0], n) for n in self.columns.given}
        there = {name: key for name, key in keys.items() if key is not None}
        if not there:
            raise DataError(f"{path} has none of the names; give step_names or key_map")
        first = next(iter(there.values()))
        lengths = np.array([self._length(file, f"{g}/{first}") for g in groups], np.int64)
        steps = {}
        for name, key in there.items():
            steps[name] = Hdf5Column(file, name, [f"{g}/{key}" for g in groups], lengths)
        onetime = {n: self._entries(file, groups, n, lengths) for n in self.columns.onetime}
        episodes = Hdf5Episodes(file, steps, onetime, lengths, self.columns)
        names = (*steps, *self.columns.implicit, *onetime)
        return self._cached(episodes, names) if self.params.cache else episodes, names

    def _cached(self, episodes: Hdf5Episodes, names: tuple[str, ...]) -> FrozenEpisodes:
        table = {}
        for name in names:
            if name in self.columns.onetime:
                continue
            column = [episodes.episode(name, i) for i in range(len(episodes.lengths))]
            table[name] = np.concatenate(column)
            if name in self.columns.actions:
                refuse_nan(name, table[name], episodes.lengths, str(self.path))
        onetime = {n: episodes.onetime(n) for n in names if n in self.columns.onetime}
        episodes.close()
        wanted = self.params.batch_names_to_get
        small = self.columns.with_implicit(table if wanted is None else wanted, table)
        whole = EpisodeTable(table, onetime, episodes.lengths, str(self.path))
        return FrozenEpisodes.from_table(whole, [n for n in small if n in table])

    def _key(self, file: Hdf5File, group: str, name: str) -> str | None:
        """Return where a name lies in an episode's group; None where it may be missing."""
        given: Mapping[str, str] = self.params.key_map
        tried = [given[name]] if name in given else [name, f"obs/{name}"]
        if name in _SYNONYMS and name not in given:
            tried.append(_SYNONYMS[name])
        for key in tried:
            if f"{group}/{key}" in file.reader:
                return key
        if self.params.allow_missing:
            return None
        there = file.reader.arrays(group)
        raise DataError(
            f"{file.path}: {group or '/'} has no {' or '.join(map(repr, tried))}; it has: "
            f"{', '.join(there)}; list the names to use in step_names, or say in key_map where "
            f"{name!r} lies.{suggest(name, there)}"
        )

    @staticmethod
    def _length(file: Hdf5File, path: str) -> int:
        shape = file.reader.shape(path)
        if not shape or not shape[0]:
            raise DataError(f"{file.path}: {path} has shape {shape}; expected at least one step")
        return shape[0]

    def _entries(self, file: Hdf5File, groups: list[str], name: str, lengths: Rows) -> NDArray[Any]:
        """Return a one-time column (E, …): one entry an episode, or its first or last step's."""
        head, _, tail = name.partition("/")
        stands_in = tail if tail and head in ("goal", "param") else name
        entries = []
        for group, length in zip(groups, lengths.tolist(), strict=True):
            own = any(f"{group}/{key}" in file.reader for key in (name, f"obs/{name}"))
            near = name if own else stands_in
            key = self._key(file, group, near)
            if key is None:
                raise DataError(f"{file.path}: {group} has no one-time value {name!r}")
            values = file.reader.read(f"{group}/{key}")
            if values.ndim and len(values) == length > 1:
                values = values[-1] if name in self.columns.final else values[0]
            shape, _ = self.columns.expected(name)
            entries.append(values.reshape(1, *(values.shape if shape is None else shape)))
        return self.columns.fit(name, np.concatenate(entries), str(file.path))

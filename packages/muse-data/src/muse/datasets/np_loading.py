"""How an `NpDataset` comes by its episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.errors import DataError, ParamError
from muse.core.params import instantiate
from muse.datasets.episode_range import chosen_episodes
from muse.datasets.formats.load import NpzLoader
from muse.datasets.formats.places import find_data_file
from muse.datasets.np_recording import Recording
from muse.datasets.preprocess.data_preprocessor import DataPreprocessor
from muse.datasets.statistics_cache import CACHE_FROM_BYTES, StatisticsCache
from muse.datasets.storage.frozen_episodes import FrozenEpisodes
from muse.datasets.storage.ring import RingStore
from muse.datasets.storage.table import EpisodeTable

if TYPE_CHECKING:
    from muse.datasets.np_dataset import NpDataset

Opened = tuple[FrozenEpisodes | RingStore, tuple[str, ...], Recording | None]


class EpisodeOpener:
    """Loads, shares or begins the episodes of a dataset as its parameters say.

    Args:
        dataset: the dataset; its parameters, columns, spec and file manager are read.
    """

    def __init__(self, dataset: NpDataset) -> None:
        self._dataset = dataset
        self._params, self._columns = dataset.params, dataset.columns
        self._title = type(dataset).__name__

    def open_frozen(self) -> Opened:
        """Return episodes that never change, and the names they have."""
        if self._params.load_from_base:
            whole = self._base_store()
            names = self._present(whole.table)
        else:
            if not self._params.file:
                raise ParamError(
                    f"{self._title}: frozen=True without file; expected the .npz file to load; "
                    "give file, or load_from_base=True with a base dataset"
                )
            table = self._load()
            names = self._present(table)
            whole = FrozenEpisodes.from_table(table, self._merge(names))
        begin, end = chosen_episodes(
            self._params.load_episode_range, len(whole.table.lengths), whole.table.source
        )
        return whole.select(begin, end), names, None

    def open_growing(self) -> Opened:
        """Return episodes that may be added to, their names, and what adds to them."""
        if self._params.load_from_base:
            raise ParamError(
                f"{self._title}: load_from_base=True shares memory, which a growing dataset "
                "cannot; set frozen=True or load the file"
            )
        if not self._params.file:
            store, recording = self._start_recording(self._columns.all)
            return store, self._columns.all, recording
        table = self._load()
        names = self._present(table)
        store, recording = self._start_recording(names)
        begin, end = chosen_episodes(
            self._params.load_episode_range, len(table.lengths), table.source
        )
        total = int(table.lengths[begin:end].sum())
        if self._params.capacity is not None and total > self._params.capacity:
            raise DataError(
                f"{table.source} has {total} steps, more than capacity={self._params.capacity}; "
                "raise capacity or load fewer episodes with initial_load_episodes"
            )
        for i in range(begin, end):
            store.append(table.episode(i))
            store.finish({name: values[i] for name, values in table.onetime.items()})
        return store, names, recording

    def statistics_cache(self, episodes: FrozenEpisodes | RingStore) -> StatisticsCache | None:
        """Return where the statistics of frozen episodes are kept; None where nowhere."""
        if not isinstance(episodes, FrozenEpisodes) or self._params.data_preprocessors:
            return None  # what a preprocessor does has no fingerprint
        table = episodes.table
        size = sum(column.nbytes for column in table.steps.values())
        if not table.files or size < CACHE_FROM_BYTES:
            return None
        types = {name: [a.dtype.str, a.shape[1:]] for name, a in table.steps.items()}
        part = {"episodes": [episodes.begin, episodes.end], "of": len(table.lengths)}
        return StatisticsCache(table.files, {**part, "columns": types})

    def _base_store(self) -> FrozenEpisodes:
        base = self._dataset.base_dataset
        store = getattr(base, "store", None)
        if not isinstance(store, FrozenEpisodes):
            raise ParamError(
                f"{self._title}: load_from_base=True needs a frozen NpDataset as base_dataset, got "
                f"{type(base).__name__}; build it first and hand it over"
            )
        return store

    def _start_recording(self, names: tuple[str, ...]) -> tuple[RingStore, Recording]:
        onetime = [n for n in names if n in self._columns.onetime]
        steps = [n for n in names if n not in self._columns.onetime]
        store = RingStore(steps, onetime, self._params.capacity)
        fill = self._params.allow_missing_onetime
        return store, Recording(store, self._columns, steps, onetime, fill)

    def _load(self) -> EpisodeTable:
        given = self._params.file
        files = [given] if isinstance(given, str) else given
        loader = NpzLoader(
            self._columns,
            self._params.initial_load_episodes,
            self._params.allow_missing,
            self._params.allow_missing_onetime,
        )
        manager = self._dataset.file_manager
        table = loader.load([find_data_file(f, manager) for f in files])
        for group in self._params.data_preprocessors:
            spec = self._dataset.env_spec
            processor = instantiate(group, spec, self._dataset, base=DataPreprocessor)
            table = processor.apply(table, self._columns.done_key)
        return table

    def _present(self, table: EpisodeTable) -> tuple[str, ...]:
        """Return the dataset's names that a table has, with those that preprocessors added."""
        declared = self._columns.all
        lacking = [n for n in declared if n not in table.steps and n not in table.onetime]
        if lacking and not self._params.allow_missing:
            raise DataError(
                f"{table.source} was loaded without {', '.join(map(repr, lacking))}; list them in "
                "step_names of the dataset that loads it"
            )
        added = [] if self._params.load_from_base else [n for n in table.steps if n not in declared]
        return (*[n for n in declared if n not in lacking], *added)

    def _merge(self, names: tuple[str, ...]) -> list[str]:
        """Return the step names that batches bring, worth laying side by side."""
        if not self._params.index_all_keys:
            return []
        wanted = self._params.batch_names_to_get
        chosen = self._columns.with_implicit(names if wanted is None else wanted, names)
        return [n for n in chosen if n in names and n not in self._columns.onetime]

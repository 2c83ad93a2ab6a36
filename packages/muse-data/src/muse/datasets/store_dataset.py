"""`StoreDataset`: windows of the episodes of a columnar store, read through a memory map."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.errors import DataError, ParamError, suggest
from muse.core.params import Param, non_negative
from muse.datasets.dataset import Dataset
from muse.datasets.episode_range import chosen_episodes
from muse.datasets.statistics_cache import CACHE_FROM_BYTES, StatisticsCache
from muse.datasets.storage.episodes import Episodes
from muse.datasets.storage.windows import Rows
from muse.datasets.store.episodes import StoreEpisodes
from muse.datasets.store.manifest import MANIFEST
from muse.datasets.store.places import find_store
from muse.datasets.store.spec import spec_of
from muse.datasets.store.store import Store
from muse.datasets.window_dataset import WindowDataset

log = logging.getLogger("muse.datasets")


class StoreDataset(WindowDataset):
    """Episodes of a store, addressed by window as in `NpSequenceDataset`.

    Nothing is loaded when it is made, and memory stays the same however large the store is.
    Without an `env_spec` the one the store was written with is taken.

    Raises:
        DataError: the store is missing, damaged or does not fit the spec, or no window fits it.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("file", str | None, None, help="folder of the store, as given or below data/"),
        Param("filter", str | None, None, help="named subset of the episodes, such as train"),
        Param(
            "allow_missing_onetime",
            bool,
            True,
            help="take goal/x and param/x from the step name x: first value, last for final names",
        ),
        Param(
            "decode_cache",
            int,
            256,
            help="most memory for decoded images, in each process",
            unit="MiB",
            check=non_negative,
        ),
    )

    def __init__(
        self,
        params: Mapping[str, Any],
        env_spec: Any = None,
        file_manager: Any = None,
        base_dataset: Dataset | None = None,
    ) -> None:
        if env_spec is None:
            file = self.resolve_params(params).file
            if file is None:
                env_spec = getattr(base_dataset, "env_spec", None)
            else:
                env_spec = spec_of(find_store(file, file_manager))
        super().__init__(params, env_spec, file_manager, base_dataset)

    def _open(self) -> tuple[Episodes, tuple[str, ...]]:
        store = self._base_store() if self.params.load_from_base else self._opened_store()
        derived = self._derived_onetime(store)
        names = self._present(store, derived)
        chosen = self._chosen(store)
        self._episodes = StoreEpisodes(store, chosen, self.columns, derived)
        self._statistics_cache = self._cache_of(store, chosen)
        return self._episodes, names

    def _opened_store(self) -> Store:
        if self.params.file is None:
            raise ParamError(
                "StoreDataset: no file; expected the folder of a store; give file, or "
                "load_from_base=True with a base dataset"
            )
        path = find_store(self.params.file, self.file_manager)
        store = Store.open(path, self.params.decode_cache << 20)
        if store.recorded:
            log.warning(
                "%s: %d recorded episodes are not in the array files yet and are left out; close "
                "the recorder, or run: muse data recover %s",
                path,
                len(store.recorded),
                path,
            )
        return store

    def _base_store(self) -> Store:
        base = self.base_dataset
        if not isinstance(base, StoreDataset):
            raise ParamError(
                "StoreDataset: load_from_base=True needs a StoreDataset as base_dataset, got "
                f"{type(base).__name__}; build it first and hand it over"
            )
        store: Store = base.store.store
        return store

    def _chosen(self, store: Store) -> Rows:
        count = len(store.folded_ends)
        episodes = (
            np.arange(count) if self.params.filter is None else store.filter(self.params.filter)
        )
        source = str(store.path)
        if self.params.filter is not None:
            source += f" (filter {self.params.filter})"
        begin, end = chosen_episodes(self.params.load_episode_range, len(episodes), source)
        return episodes[begin:end]

    def _cache_of(self, store: Store, chosen: Rows) -> StatisticsCache | None:
        rows = store.manifest.rows
        if sum(rows(f) * f.row_bytes for f in store.manifest.files) < CACHE_FROM_BYTES:
            return None
        part = {"episodes": zlib.crc32(chosen.tobytes()), "count": len(chosen)}
        return StatisticsCache([store.path / MANIFEST], part)

    def _derived_onetime(self, store: Store) -> dict[str, str]:
        """Return the one-time names the store lacks -> the step names they are taken from."""
        per = {c.name: c.per for c in store.columns()}
        derived: dict[str, str] = {}
        if not self.params.allow_missing_onetime:
            return derived
        for name in self.columns.onetime:
            head, _, tail = name.partition("/")
            source = name if per.get(name) == "step" else tail if head in ("goal", "param") else ""
            if per.get(name) != "episode" and per.get(source) == "step":
                derived[name] = source
        return derived

    def _present(self, store: Store, derived: Mapping[str, str]) -> tuple[str, ...]:
        """Return the dataset's names that the store has, each checked against the spec."""
        columns = self.columns
        per = {c.name: c for c in store.columns()}
        names = []
        for name in columns.all:
            if name in columns.implicit or name in derived:
                names.append(name)
                continue
            wanted = "episode" if name in columns.onetime else "step"
            if name not in per or per[name].per != wanted:
                if self.params.allow_missing and wanted == "step":
                    continue
                raise DataError(
                    f"{store.path} has no {wanted} column {name!r}; it has: {', '.join(per)}; list "
                    "the names to use in step_names, or set allow_missing=True to go without those "
                    f"the data lacks.{suggest(name, per)}"
                )
            columns.fit(name, np.empty((0, *per[name].shape), per[name].dtype), str(store.path))
            names.append(name)
        return tuple(names)

"""`DataPreprocessor`: changes episodes as they are loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.core.params import Configurable, Param
from muse.datasets.columns import TIMESTEP
from muse.datasets.storage.table import EpisodeTable, timesteps

EpisodeFn = Callable[[AttrDict, AttrDict, int], tuple[AttrDict, AttrDict, "list[str] | None"]]


class DataPreprocessor(Configurable):
    """Runs a function over every episode of a dataset after loading, before anything is sampled.

    The function gets `(episode, onetime, i)`: arrays (L, …) a step, arrays (…) an episode, and the
    episode's number; it returns `(episode, onetime, changed)`, `changed` being the step names it
    changed or added (None: all). It may change the length of an episode if it returns every name.

    Args:
        params: see `declared_params`.
        env_spec: of the dataset.
        dataset: the dataset, as far as it is built: its `params` and `columns`.
    """

    declared_params = (
        Param("name", str, "preprocessor", help="what messages call it"),
        Param("episode_preproc_fn", Callable, help="(episode, onetime, i) -> the same, changed"),
    )

    def __init__(
        self, params: Mapping[str, Any], env_spec: Any = None, dataset: Any = None
    ) -> None:
        self.params = self.resolve_params(params)
        self.name: str = self.params.name
        self.env_spec, self.dataset = env_spec, dataset

    def episode_preproc_fn(
        self, episode: AttrDict, onetime: AttrDict, i: int
    ) -> tuple[AttrDict, AttrDict, list[str] | None]:
        """Change one episode; subclasses may override instead of passing the function."""
        result: tuple[AttrDict, AttrDict, list[str] | None]
        result = self.params.episode_preproc_fn(episode, onetime, i)
        return result

    def apply(self, table: EpisodeTable, done_key: str) -> EpisodeTable:
        """Return a table of the changed episodes."""
        pieces: dict[str, list[Any]] = {}
        onetimes: dict[str, list[Any]] = {}
        lengths = []
        for i in range(len(table.lengths)):
            before = AttrDict(table.episode(i))
            once = AttrDict((name, values[i]) for name, values in table.onetime.items())
            episode, once, changed = self.episode_preproc_fn(before.copy(), once, i)
            lengths.append(self._length(episode, before, changed, i))
            for name in episode.leaf_keys() if changed is None else changed:
                pieces.setdefault(name, []).append(np.asarray(episode[name]))
            for name, value in once.leaf_items():
                onetimes.setdefault(name, []).append(np.asarray(value))
        new_lengths = np.array(lengths, np.int64)
        steps = dict(table.steps)
        for name, arrays in pieces.items():
            steps[name] = self._join(name, arrays, len(lengths))
        if not np.array_equal(new_lengths, table.lengths):
            steps[done_key] = np.zeros(int(new_lengths.sum()), np.bool_)
            steps[done_key][np.cumsum(new_lengths) - 1] = True
            if TIMESTEP in steps:
                steps[TIMESTEP] = timesteps(new_lengths)
        onetime = {n: self._join(n, [[v] for v in a], len(lengths)) for n, a in onetimes.items()}
        return EpisodeTable(steps, onetime, new_lengths, table.source)

    def _length(
        self, episode: AttrDict, before: AttrDict, changed: list[str] | None, i: int
    ) -> int:
        names = list(episode.leaf_keys()) if changed is None else changed
        sizes = {name: len(episode[name]) for name in names}
        if changed is not None and set(before.leaf_keys()) - set(changed):
            sizes["the unchanged names"] = len(next(iter(before.leaf_values())))
        if len(set(sizes.values())) > 1 or 0 in sizes.values():
            raise DataError(
                f"preprocessor {self.name!r} left episode {i} with unequal or no steps: {sizes}; "
                "to change the length return every name and changed=None"
            )
        return next(iter(sizes.values()), len(next(iter(before.leaf_values()))))

    def _join(self, name: str, arrays: list[Any], episodes: int) -> Any:
        if len(arrays) != episodes:
            raise DataError(
                f"preprocessor {self.name!r} returned {name!r} for {len(arrays)} of {episodes} "
                "episodes; expected it for each"
            )
        return np.concatenate(arrays)

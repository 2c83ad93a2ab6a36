"""`NpDataset`: episodes in memory, from `.npz` files or from an environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, suggest
from muse.core.params import Param
from muse.datasets.batch_plan import BatchPlan
from muse.datasets.dataset import Batch, Dataset
from muse.datasets.formats.places import output_path
from muse.datasets.formats.save import save_episodes
from muse.datasets.np_loading import EpisodeOpener
from muse.datasets.np_params import NP_OBSOLETE, NP_PARAMS
from muse.datasets.np_recording import Recording
from muse.datasets.statistics import CHUNK_BYTES, statistics_of
from muse.datasets.storage.frozen_episodes import FrozenEpisodes
from muse.datasets.storage.ring import RingStore
from muse.datasets.storage.windows import Rows, WindowIndex


class NpDataset(Dataset):
    """Episodes in numpy arrays: frozen for training, or growing while they are collected.

    Indices of `get_batch` are transitions when `horizon` is 1, else episodes, in each of which a
    window is drawn at random; pairs (episode, start) of shape (B, 2) name windows exactly, and are
    what samplers use.

    Raises:
        DataError: a file is missing, damaged or does not fit the spec, or no window fits the data.
    """

    declared_params: ClassVar[tuple[Param, ...]] = NP_PARAMS
    obsolete_params = NP_OBSOLETE

    def __init__(
        self,
        params: Mapping[str, Any],
        env_spec: Any,
        file_manager: Any = None,
        base_dataset: Dataset | None = None,
    ) -> None:
        super().__init__(params, env_spec, file_manager, base_dataset)
        self._plans: dict[tuple[str, ...] | None, BatchPlan] = {}
        self._index: WindowIndex | None = None
        self._index_version = -1
        opener = EpisodeOpener(self)
        opened = opener.open_frozen() if self.frozen else opener.open_growing()
        self._store, self._names, self._recording = opened
        if self.frozen or self.params.file:
            opener.check_windows(self.index)

    @property
    def store(self) -> FrozenEpisodes | RingStore:
        """Where the episodes lie."""
        return self._store

    @property
    def frozen(self) -> bool:
        """Whether the data never change."""
        return bool(self.params.frozen)

    def keep_names(self, names: Iterable[str]) -> list[str]:
        """Drop the names that `load_ignore_prefixes` speaks of."""
        prefixes = tuple(self.params.load_ignore_prefixes)
        return [n for n in names if not (prefixes and n.startswith(prefixes))]

    # -- sizes -------------------------------------------------------------------------------

    @property
    def index(self) -> WindowIndex:
        """The windows of the episodes as they are now."""
        if self._index is None or self._index_version != self._store.version:
            self._index = WindowIndex(
                self._store.starts,
                self._store.lengths,
                self.horizon,
                self.params.horizon_skip,
                self.params.pad_end_sequence,
                self.params.allow_padding,
            )
            self._index_version = self._store.version
        return self._index

    def __len__(self) -> int:
        """Number of steps in whole episodes."""
        return self.num_steps

    @property
    def num_steps(self) -> int:
        """Number of steps in whole episodes."""
        return int(self._store.lengths.sum())

    @property
    def num_windows(self) -> int:
        """Number of windows."""
        return len(self.index)

    def get_num_episodes(self) -> int:
        """Number of whole episodes."""
        return len(self._store.lengths)

    def episode_length(self, i: int) -> int:
        """Steps in episode `i`."""
        return int(self._store.lengths[self.check_episode_number(i)])

    @property
    def names(self) -> tuple[str, ...]:
        """Every name the dataset holds."""
        return self._names

    # -- reading -----------------------------------------------------------------------------

    def get_batch(
        self,
        indices: Any = None,
        names: Sequence[str] | None = None,
        torch_device: Any = None,
        local_batch_size: int | None = None,
    ) -> Batch:
        """Return (inputs, outputs) with arrays (B, H, …); see `Dataset.get_batch`.

        Args:
            indices: see the class.
            names: names wanted beside timestep and done; None: `batch_names_to_get`.
            torch_device: return tensors there.
            local_batch_size: windows to draw when `indices` is None; None: `batch_size`.
        """
        plan = self._plans.get(None) if names is None else self._plans.get(tuple(names))
        if plan is None:
            plan = self._make_plan(names)
        if indices is None:
            count = local_batch_size or self.batch_size
            windows = self.windows_at(self._rng.random((count, 2)))
        else:
            windows = self.windows_of_indices(indices)
        index = self.index
        try:
            arrays, padded = self._store.cut(plan.steps, index, windows)
        except IndexError:
            raise self._no_window(windows) from None
        onetime = self._onetime_windows(plan, windows) if plan.onetime else ()
        inputs, outputs = plan.build(arrays, onetime, padded)
        if torch_device is not None:
            return self.torchify(inputs, torch_device), self.torchify(outputs, torch_device)
        return inputs, outputs

    def windows_of_indices(self, indices: Any) -> Rows:
        """Return the window numbers (B,) that `indices` of `get_batch` mean."""
        indices = np.asarray(indices, np.int64)
        if indices.ndim == 2:
            return self._exact_windows(indices)
        if self.horizon == 1:
            return indices
        self._check_range(indices, self.get_num_episodes(), "episode")
        counts = self.index.counts[indices]
        if not counts.all():
            short = int(indices[np.argmin(counts)])
            raise DataError(
                f"episode {short} has {self.episode_length(short)} steps, too few for a window of "
                f"{self.index.span}; set allow_padding=True or choose another episode"
            )
        return self.index.windows_of(indices, self._rng.random(len(indices)))

    def window_indices(self, windows: Rows) -> Rows:
        """Return the indices that mean these windows: pairs (episode, start), or transitions."""
        if self.horizon == 1:
            return windows
        episodes = self.index.episodes(windows)
        return np.stack([episodes, windows - self.index.first[episodes]], axis=1)

    def windows_at(self, uniform: NDArray[np.float64]) -> Rows:
        """Turn `uniform` numbers (B, 2) in [0, 1) into windows (B,) of the sampling weights."""
        index = self.index
        if not len(index):
            raise DataError(
                f"nothing to sample: {self.get_num_episodes()} whole episodes, none of at least "
                f"{index.span} steps; add episodes or lower the horizon"
            )
        if self.params.uniform_sample_eps:
            choice = (uniform[:, 0] * len(index.sampled_episodes)).astype(np.int64)
            return index.windows_of(index.sampled_episodes[choice], uniform[:, 1])
        return (uniform[:, 0] * len(index)).astype(np.int64)

    def get_episode(
        self,
        i: int,
        names: Sequence[str] | None = None,
        split: bool = True,
        torch_device: Any = None,
        onetime_broadcast: bool = True,
    ) -> Any:
        """Return episode `i` with arrays (L, …); one-time values are repeated over its steps.

        Args:
            i: its number.
            names: names wanted; None: all.
            split: return (inputs, outputs), else one AttrDict.
            torch_device: return tensors there.
            onetime_broadcast: repeat one-time values (L, …), else give them once (1, …).
        """
        i = self.check_episode_number(i)
        wanted = self._with_implicit(self._names if names is None else self._known(names))
        data = AttrDict()
        for name in wanted:
            if name in self.columns.onetime:
                once = self._store.onetime(name)[i : i + 1]
                data[name] = np.repeat(once, self.episode_length(i) if onetime_broadcast else 1, 0)
            else:
                data[name] = self._store.episode(name, i)
        if torch_device is not None:
            data = self.torchify(data, torch_device)
        return self.split_into_inout(data) if split else data

    def get(self, name: str) -> NDArray[Any]:
        """Return a copy of a whole column: (N, …) over all steps, or (E, …) if one-time."""
        self._known([name])
        if name in self.columns.onetime:
            return self._store.onetime(name).copy()
        pieces = list(self._store.chunks(name, CHUNK_BYTES))
        return np.concatenate(pieces) if pieces else np.empty(0)

    def get_statistics(self, names: Sequence[str]) -> AttrDict:
        """Return name -> AttrDict(mean, std, min, max) over the steps of this dataset.

        Only its own episodes count, read piece by piece; NaN is left out. One-time names are
        described over episodes.
        """
        names = [names] if isinstance(names, str) else names
        result = AttrDict()
        for name in self._known(names):
            if name in self.columns.onetime:
                pieces: Any = [self._store.onetime(name)]
            else:
                pieces = self._store.chunks(name, CHUNK_BYTES)
            result[name] = statistics_of(name, pieces)
        return result

    # -- writing -----------------------------------------------------------------------------

    def add_episode(self, inputs: AttrDict, outputs: AttrDict | None = None) -> None:
        """Add a whole episode of arrays (L, …), at the cost of the oldest ones when full.

        Its last step ends it. Names the dataset does not store are left aside; timesteps are
        counted if not given; one-time values may come as (…), (1, …) or (L, …).
        """
        self._writable().add_episode(inputs if outputs is None else inputs & outputs)

    def add(self, input: AttrDict, output: AttrDict | None = None) -> None:
        """Add one step of arrays (1, …); the step whose done is True ends the episode.

        Steps count (in `len` and batches) once their episode ended.
        """
        self._writable().add(input if output is None else input & output)

    def terminate_episode(self) -> None:
        """End the episode begun with `add`, if any."""
        self._writable().terminate()

    def reset(self) -> None:
        """Forget every episode."""
        self._writable().clear()

    def add_key_to_dataset(self, key: str, values: Any) -> None:
        """Add a step name with `values` (N, …) for all steps; batches then hold it as an input."""
        values = np.asarray(values)
        if key in self._names:
            raise DataError(f"the dataset already has {key!r}; choose another name")
        if values.ndim < 1 or len(values) != self.num_steps or values.dtype.hasobject:
            raise DataError(
                f"{key!r} has shape {values.shape} of {values.dtype}; expected numbers for each of "
                f"{self.num_steps} steps"
            )
        self._store.add_column(key, self.columns.fit(key, values, "add_key_to_dataset"))
        self._names = (*self._names, key)
        self._plans.clear()

    def save(
        self, path: str | os.PathLike[str] | None = None, ep_range: tuple[int, int] | None = None
    ) -> Path:
        """Write the whole episodes as `.npz`, atomically, and return the path.

        Args:
            path: the file; None: the parameter `output_file`, relative to the run's folder.
            ep_range: (first, one past the last) episode; None: all.
        """
        if path is None and self.params.output_file is None:
            raise DataError("save() without a path: give one, or set output_file")
        where = (
            output_path(self.params.output_file, self.file_manager)
            if path is None
            else output_path(path)
        )
        episodes = range(*(ep_range or (0, self.get_num_episodes())))
        if not len(episodes) or not 0 <= episodes[0] <= episodes[-1] < self.get_num_episodes():
            raise DataError(
                f"nothing to save: episodes {episodes.start} to {episodes.stop} of "
                f"{self.get_num_episodes()}; add an episode first"
            )
        steps = [n for n in self._names if n not in self.columns.onetime]
        onetime = [n for n in self._names if n in self.columns.onetime]
        save_episodes(where, self._store, steps, onetime, self._store.lengths, episodes)
        return where

    # -- inner -------------------------------------------------------------------------------

    def _writable(self) -> Recording:
        if self._recording is None:
            raise DataError("the dataset is frozen; set frozen=False to add episodes")
        return self._recording

    def _known(self, names: Sequence[str]) -> Sequence[str]:
        for name in names:
            if name not in self._names:
                near = suggest(name, self._names)
                raise DataError(f"no {name!r} here; it has: {', '.join(self._names)}.{near}")
        return names

    def _with_implicit(self, names: Sequence[str]) -> list[str]:
        return self.columns.with_implicit(names, self._names)

    def _make_plan(self, names: Sequence[str] | None) -> BatchPlan:
        wanted = self.params.batch_names_to_get if names is None else names
        wanted = self._names if wanted is None else self._known(wanted)
        plan = BatchPlan(self.columns, self._with_implicit(wanted))
        self._plans[None if names is None else tuple(names)] = plan
        return plan

    def _onetime_windows(self, plan: BatchPlan, windows: Rows) -> list[NDArray[Any]]:
        episodes = self.index.episodes(windows)
        return [
            np.repeat(self._store.onetime(name)[episodes][:, None], self.horizon, axis=1)
            for name in plan.onetime
        ]

    def _exact_windows(self, pairs: Rows) -> Rows:
        if pairs.shape[1] != 2:
            raise DataError(
                f"indices have shape {pairs.shape}; expected (B,) or (B, 2) of (episode, start)"
            )
        self._check_range(pairs[:, 0], self.get_num_episodes(), "episode")
        counts = self.index.counts[pairs[:, 0]]
        bad = (pairs[:, 1] < 0) | (pairs[:, 1] >= counts)
        if bad.any():
            episode, start = pairs[np.argmax(bad)].tolist()
            raise DataError(
                f"no window starts at step {start} of episode {episode}, which has "
                f"{int(self.index.counts[episode])} windows"
            )
        return self.index.first[pairs[:, 0]] + pairs[:, 1]

    def _check_range(self, numbers: Rows, count: int, what: str) -> None:
        bad = (numbers < 0) | (numbers >= count)
        if bad.any():
            raise DataError(
                f"no {what} {int(numbers[np.argmax(bad)])}: the dataset has {count}; expected 0 to "
                f"{count - 1}"
            )

    def _no_window(self, windows: Rows) -> DataError:
        worst = int(windows[np.argmax(np.abs(windows))]) if len(windows) else 0
        return DataError(
            f"no window {worst}: the dataset has {self.num_windows}; expected 0 to "
            f"{self.num_windows - 1}"
        )

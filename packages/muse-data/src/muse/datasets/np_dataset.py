"""`NpDataset`: episodes in memory, from `.npz` files or from an environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.core.params import Param
from muse.datasets.formats.places import output_path
from muse.datasets.formats.save import save_episodes
from muse.datasets.np_loading import EpisodeOpener
from muse.datasets.np_params import NP_OBSOLETE, NP_PARAMS
from muse.datasets.np_recording import Recording
from muse.datasets.storage.episodes import Episodes
from muse.datasets.storage.windows import Rows
from muse.datasets.window_dataset import WindowDataset


class NpDataset(WindowDataset):
    """Episodes in numpy arrays: frozen for training, or growing while they are collected.

    Indices of `get_batch` are transitions when `horizon` is 1, else episodes, in each of which a
    window is drawn at random; pairs (episode, start) of shape (B, 2) name windows exactly, and are
    what samplers use.

    Raises:
        DataError: a file is missing, damaged or does not fit the spec, or no window fits the data.
    """

    declared_params: ClassVar[tuple[Param, ...]] = NP_PARAMS
    obsolete_params = NP_OBSOLETE

    def _open(self) -> tuple[Episodes, tuple[str, ...]]:
        opener = EpisodeOpener(self)
        opened = opener.open_frozen() if self.frozen else opener.open_growing()
        episodes, names, self._recording = opened
        if self.frozen:
            self._statistics_cache = opener.statistics_cache(episodes)
        return episodes, names

    @property
    def frozen(self) -> bool:
        """Whether the data never change."""
        return bool(self.params.frozen)

    def __len__(self) -> int:
        """Number of steps in whole episodes."""
        return self.num_steps

    # -- reading -----------------------------------------------------------------------------

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

    def set(self, name: str, idxs: Any, values: Any) -> None:
        """Overwrite entries of a column in memory; files stay as they are.

        Args:
            name: the column.
            idxs: steps, or episodes of a one-time name, counted from the first one held.
            values: (n, …), one for each.
        """
        self._known([name])
        values = self.columns.fit(name, values, "set")
        if name in self.columns.onetime:
            self.store.put_onetime(name, np.asarray(idxs, np.int64), values)
        else:
            self.store.put(name, self.rows_of_steps(idxs), values)
        self._statistics_cache = None  # the file does not tell what is in memory any more

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
        save_episodes(where, self._episodes, steps, onetime, self._episodes.lengths, episodes)
        return where

    # -- inner -------------------------------------------------------------------------------

    def _writable(self) -> Recording:
        if self._recording is None:
            raise DataError("the dataset is frozen; set frozen=False to add episodes")
        return self._recording

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

"""`WindowDataset`: reading windows of stored episodes, wherever they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, suggest
from muse.core.params import Param
from muse.datasets.batch_plan import BatchPlan
from muse.datasets.columns import PADDING
from muse.datasets.dataset import Batch, Dataset
from muse.datasets.episode_range import check_windows
from muse.datasets.statistics import CHUNK_BYTES, statistics_of
from muse.datasets.statistics_cache import StatisticsCache
from muse.datasets.storage.episodes import Episodes
from muse.datasets.storage.windows import Rows, WindowIndex
from muse.datasets.window_params import WINDOW_PARAMS


class WindowDataset(Dataset):
    """Windows of the episodes that `_open` finds; a subclass says where these lie.

    Indices of `get_batch` are window numbers (B,), 0 to `num_windows` - 1: all windows of the
    first episode by their start, then those of the second, …; negative ones count from the end.
    Without padding an episode of L steps has L - span + 1 of them, with
    `span = (horizon - 1) * horizon_skip + 1`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = WINDOW_PARAMS

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
        self._statistics_cache: StatisticsCache | None = None
        self._episodes, self._names = self._open()
        if len(self._episodes.lengths):
            check_windows(self.index)

    def _open(self) -> tuple[Episodes, tuple[str, ...]]:
        """Return the episodes and every name they have, with the timestep and done."""
        raise NotImplementedError(f"{type(self).__name__} does not say where its episodes lie")

    def keep_names(self, names: Iterable[str]) -> list[str]:
        """Drop the names that `load_ignore_prefixes` speaks of."""
        prefixes = tuple(self.params.load_ignore_prefixes)
        return [n for n in names if not (prefixes and n.startswith(prefixes))]

    # -- sizes -------------------------------------------------------------------------------

    @property
    def store(self) -> Any:
        """Where the episodes lie."""
        return self._episodes

    @property
    def index(self) -> WindowIndex:
        """The windows of the episodes as they are now."""
        if self._index is None or self._index_version != self._episodes.version:
            self._index = WindowIndex(
                self._episodes.starts,
                self._episodes.lengths,
                self.horizon,
                self.params.horizon_skip,
                self.params.pad_end_sequence,
                self.params.allow_padding,
            )
            self._index_version = self._episodes.version
        return self._index

    def __len__(self) -> int:
        """Number of windows."""
        return self.num_windows

    @property
    def num_steps(self) -> int:
        """Number of steps in whole episodes."""
        return int(self._episodes.lengths.sum())

    @property
    def num_windows(self) -> int:
        """Number of windows."""
        return len(self.index)

    def get_num_episodes(self) -> int:
        """Number of whole episodes."""
        return len(self._episodes.lengths)

    def episode_length(self, i: int) -> int:
        """Steps in episode `i`."""
        return int(self._episodes.lengths[self.check_episode_number(i)])

    def period_weights(self) -> NDArray[np.float64]:
        """Share of the windows drawn that come from each episode, (E,)."""
        counts = self.index.counts.astype(np.float64)
        if self.params.uniform_sample_eps:
            counts = (counts > 0).astype(np.float64)
        return counts / max(counts.sum(), 1.0)

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
        plan = self._plan(names)
        if indices is None:
            windows = self.draw_windows(local_batch_size)
        else:
            windows = self.windows_of_indices(indices)
        inputs, outputs = self._gather(plan, windows)
        if torch_device is not None:
            return self.torchify(inputs, torch_device), self.torchify(outputs, torch_device)
        return inputs, outputs

    def _gather(self, plan: BatchPlan, windows: Rows) -> Batch:
        """Return (inputs, outputs) of numbered windows (B,)."""
        arrays, padded = self._cut(plan.steps, self.index, windows)
        onetime = self._onetime_windows(plan, windows) if plan.onetime else ()
        return plan.build(arrays, onetime, padded)

    def draw_windows(self, count: int | None = None) -> Rows:
        """Return `count` windows drawn at random; None: `batch_size`."""
        return self.windows_at(self._rng.random((count or self.batch_size, 2)))

    def windows_of_indices(self, indices: Any) -> Rows:
        """Return the window numbers (B,) that `indices` of `get_batch` mean."""
        return np.asarray(indices, np.int64)

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
        wanted = self._names if names is None else self._known(names)
        data = AttrDict()
        for name in self.columns.with_implicit(wanted, self._names):
            if name in self.columns.onetime:
                once = self._episodes.onetime(name)[i : i + 1]
                data[name] = np.repeat(once, self.episode_length(i) if onetime_broadcast else 1, 0)
            else:
                data[name] = self._episodes.episode(name, i)
        if torch_device is not None:
            data = self.torchify(data, torch_device)
        return self.split_into_inout(data) if split else data

    def get(self, name: str, idxs: Any = None) -> NDArray[Any]:
        """Return a copy of a column, (N, …) over all steps, or (E, …) if one-time.

        Args:
            name: the column.
            idxs: only these steps (or episodes), counted from the first one held; None: all.
        """
        self._known([name])
        if name in self.columns.onetime:
            values = self._episodes.onetime(name)
            return values.copy() if idxs is None else values[np.asarray(idxs)]
        if idxs is not None:
            return self._episodes.take(name, self.rows_of_steps(idxs))
        pieces = list(self._episodes.chunks(name, CHUNK_BYTES))
        return np.concatenate(pieces) if pieces else np.empty(0)

    def rows_of_steps(self, steps: Any) -> Rows:
        """Return where in the store the steps 0 to `num_steps` - 1 lie, same shape as `steps`."""
        steps, total = np.asarray(steps, np.int64), self.num_steps
        if steps.size and not (-total <= steps.min() and steps.max() < total):
            raise DataError(
                f"steps {int(steps.min())} to {int(steps.max())} are asked for; the dataset has "
                f"{total}; expected 0 to {total - 1}"
            )
        first = int(self._episodes.starts[0]) if total else 0
        return first + np.where(steps < 0, steps + total, steps)

    def step_values(self, name: str, windows: Rows) -> NDArray[Any]:
        """Return what the steps of `windows` (B,) hold of one column, (B, H, …)."""
        self._known([name])
        if name in self.columns.onetime:
            once = self._episodes.onetime(name)[self.index.episodes(windows)]
            return np.repeat(once[:, None], self.horizon, axis=1)
        values: NDArray[Any] = self._cut([name], self.index, windows)[0][0]
        return values

    def get_datadict(self) -> AttrDict:
        """Return a copy of every column, step names (N, …) and one-time names (E, …)."""
        return AttrDict((name, self.get(name)) for name in self._names)

    def get_statistics(self, names: Sequence[str]) -> AttrDict:
        """Return name -> statistics over the steps of this dataset, see `statistics_of`.

        Only its own episodes count, read piece by piece; NaN is left out. One-time names are
        described over episodes. Those of large files are kept beside the file (`StatisticsCache`).
        """
        names = [names] if isinstance(names, str) else list(names)
        self._known(names)
        cache = self._statistics_cache
        found = AttrDict() if cache is None else cache.load(names)
        fresh = AttrDict(
            (name, statistics_of(name, self.pieces(name))) for name in names if name not in found
        )
        if cache is not None and fresh:
            cache.save(found & fresh)
        return AttrDict((name, (fresh if name in fresh else found)[name]) for name in names)

    def pieces(self, name: str) -> Iterator[NDArray[Any]]:
        """Yield a column piece by piece, (n, …) each, in order."""
        if name in self.columns.onetime:
            return iter([self._episodes.onetime(name)])
        return self._episodes.chunks(name, CHUNK_BYTES)

    def add_key_to_dataset(self, key: str, values: Any) -> None:
        """Add a step name with `values` (N, …) for all steps; batches then hold it as an input.

        It lives in memory; no file is changed.
        """
        values = np.asarray(values)
        if key in (*self._names, PADDING):
            raise DataError(f"the dataset already has {key!r}; choose another name")
        if values.ndim < 1 or len(values) != self.num_steps or values.dtype.hasobject:
            raise DataError(
                f"{key!r} has shape {values.shape} of {values.dtype}; expected numbers for each of "
                f"{self.num_steps} steps"
            )
        self._episodes.add_column(key, self.columns.fit(key, values, "add_key_to_dataset"))
        self._names = (*self._names, key)
        self._plans.clear()
        self._statistics_cache = None  # the file does not tell what is in memory any more

    # -- inner -------------------------------------------------------------------------------

    def _known(self, names: Sequence[str]) -> Sequence[str]:
        for name in names:
            if name not in self._names:
                near = suggest(name, self._names)
                raise DataError(f"no {name!r} here; it has: {', '.join(self._names)}.{near}")
        return names

    def _plan(self, names: Sequence[str] | None) -> BatchPlan:
        key = None if names is None else tuple(names)
        plan = self._plans.get(key)
        if plan is None:
            wanted = self.params.batch_names_to_get if names is None else names
            wanted = self._names if wanted is None else self._known(wanted)
            chosen = self.columns.with_implicit(wanted, self._names)
            plan = self._plans[key] = BatchPlan(self.columns, chosen)
        return plan

    def _cut(self, names: Sequence[str], index: WindowIndex, windows: Rows) -> Any:
        try:
            return self._episodes.cut(names, index, windows)
        except IndexError:
            worst = int(windows[np.argmax(np.abs(windows))]) if len(windows) else 0
            raise DataError(
                f"no window {worst}: the dataset has {len(index)}; expected 0 to {len(index) - 1}"
            ) from None

    def _onetime_windows(self, plan: BatchPlan, windows: Rows) -> list[NDArray[Any]]:
        return [self.step_values(name, windows) for name in plan.onetime]

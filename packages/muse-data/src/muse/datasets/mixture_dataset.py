"""`MixtureDataset`: several datasets drawn from by weight, though their names differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError, suggest
from muse.core.params import Param, instantiate
from muse.datasets.columns import HAS, PADDING, SOURCE
from muse.datasets.dataset import Batch, Dataset
from muse.datasets.mixture_source import MixtureSource
from muse.datasets.statistics import statistics_of
from muse.datasets.storage.windows import Rows

_SHARED = ("horizon", "batch_size", "seed")


class MixtureDataset(Dataset):
    """Windows of several datasets, each row of a batch from one of them.

    Every batch holds the names of all sources. What a source lacks is zero in its rows, and
    `source/has/<name>` (B, H), there for each name that not every source has, is False; to train
    on what all have in common name that in `batch_names_to_get`. `source/index` (B, H) is the
    number of each row's source, in the order of `sources`.

    A source is drawn from in proportion to its weight times its windows, or to its weight alone
    with `normalize_weights_by_ds_size`. The names in `normalize_names` come normalised by the mean
    and deviation of their own source (`source_statistics` tells them); statistics asked of the
    mixture describe what its batches hold, each step of each source once.

    Indices of `get_batch` are window numbers: all of the first source, then those of the second, ….
    With `SequentialSampler` an epoch is each window of each source once, whatever the weights.

    Raises:
        ParamError: a source's horizon or batch size differs from the mixture's.
        DataError: a source has no such name, or a name has another shape in each source.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("sources", AttrDict, help="name -> config group of a dataset (cls and its params)"),
        Param("weights", list[float] | None, None, help="of the sources, in order; None: all 1"),
        Param(
            "normalize_weights_by_ds_size",
            bool,
            False,
            help="weights are shares of the batch, not multiplied by the windows of a source",
        ),
        Param(
            "normalize_names", list[str], [], help="names to normalise by their source's statistics"
        ),
    )

    def __init__(
        self,
        params: Mapping[str, Any],
        env_spec: Any,
        file_manager: Any = None,
        base_dataset: Dataset | None = None,
    ) -> None:
        super().__init__(params, env_spec, file_manager, base_dataset)
        if not self.params.sources:
            raise ParamError("MixtureDataset: sources is empty; expected at least one dataset")
        self.sources = [self._build(*item) for item in self.params.sources.items()]
        self.names = tuple(dict.fromkeys(n for s in self.sources for n in s.names))
        self._partial = [n for n in self.names if not all(n in s.names for s in self.sources)]
        self._weights = self._checked_weights()
        if any(name.split("/")[0] == "source" for name in self.names):
            raise DataError("a source has names below 'source/', which the mixture uses itself")

    def _build(self, name: str, group: Any) -> MixtureSource:
        given = AttrDict(group)
        for key in _SHARED:
            if key not in given:
                given[key] = self.params[key]
            elif key != "seed" and given[key] != self.params[key]:
                raise ParamError(
                    f"MixtureDataset: source {name!r} has {key}={given[key]}, the mixture "
                    f"{self.params[key]}; leave it out of the source"
                )
        base = None
        if isinstance(self.base_dataset, MixtureDataset):
            twins = [s for s in self.base_dataset.sources if s.name == name]
            base = twins[0].dataset if twins else None
        dataset = instantiate(given, self.env_spec, self.file_manager, base, base=Dataset)
        return MixtureSource(name, dataset, self.params.normalize_names)

    # -- sizes -------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Number of windows."""
        return self.num_windows

    @property
    def frozen(self) -> bool:
        """Whether no source can change."""
        return all(s.dataset.frozen for s in self.sources)

    @property
    def num_windows(self) -> int:
        """Number of windows of all sources."""
        return int(self._ends()[-1])

    def get_num_episodes(self) -> int:
        """Number of episodes of all sources."""
        return sum(s.dataset.get_num_episodes() for s in self.sources)

    def episode_length(self, i: int) -> int:
        """Steps in episode `i`, counted through the sources in order."""
        source, within = self._source_of_episode(i)
        return self.sources[source].dataset.episode_length(within)

    def get_num_periods(self) -> int:
        """Number of periods of all sources."""
        return sum(s.dataset.get_num_periods() for s in self.sources)

    def period_length(self, i: int) -> int:
        """Steps in period `i`, counted through the sources in order."""
        for source in self.sources:
            if i < source.dataset.get_num_periods():
                return source.dataset.period_length(i)
            i -= source.dataset.get_num_periods()
        raise DataError(f"no such period; the mixture has {self.get_num_periods()}")

    def period_weights(self) -> NDArray[np.float64]:
        """Share of the windows drawn that come from each period, (P,)."""
        shares = zip(self.source_shares(), self.sources, strict=True)
        return np.concatenate([share * s.dataset.period_weights() for share, s in shares])

    def source_shares(self) -> NDArray[np.float64]:
        """Share of the windows drawn that come from each source, (S,)."""
        counts = np.array([s.dataset.num_windows for s in self.sources], np.float64)
        shares = self._weights * (
            counts > 0 if self.params.normalize_weights_by_ds_size else counts
        )
        if not shares.any():
            raise DataError("nothing to sample: no source of a weight above 0 has a window")
        return shares / shares.sum()

    def source_statistics(self, index: int, names: Sequence[str]) -> AttrDict:
        """Return the statistics of source `index` before normalisation, see `get_statistics`."""
        return self.sources[index].dataset.get_statistics(names)

    @property
    def extra_horizons(self) -> Mapping[str, int]:
        """Groups that batches hold beside the window itself, each with its number of steps."""
        return {k: n for s in self.sources for k, n in s.dataset.extra_horizons.items()}

    @property
    def prefetch_with(self) -> Literal["threads", "processes"]:
        """Processes as soon as one source decodes."""
        decodes = any(s.dataset.prefetch_with == "processes" for s in self.sources)
        return "processes" if decodes else "threads"

    def cleanup(self) -> None:
        """Close what the sources hold open."""
        for source in self.sources:
            source.dataset.cleanup()

    # -- reading -----------------------------------------------------------------------------

    def windows_at(self, uniform: NDArray[np.float64]) -> Rows:
        """Turn `uniform` numbers (B, 2) in [0, 1) into windows (B,) of the sampling weights."""
        shares = self.source_shares()
        ends = np.cumsum(shares)
        chosen = np.searchsorted(ends / ends[-1], uniform[:, 0], side="right")
        chosen = np.minimum(chosen, np.flatnonzero(shares)[-1])
        # What is left of the first number chooses within the source.
        within = (uniform[:, 0] - (ends - shares)[chosen]) / shares[chosen]
        rest = np.stack([np.clip(within, 0.0, np.nextafter(1.0, 0.0)), uniform[:, 1]], axis=1)
        offsets, windows = self._ends()[:-1], np.empty(len(uniform), np.int64)
        for index in np.unique(chosen):
            rows = chosen == index
            windows[rows] = offsets[index] + self.sources[index].dataset.windows_at(rest[rows])
        return windows

    def get_batch(
        self,
        indices: Any = None,
        names: Sequence[str] | None = None,
        torch_device: Any = None,
        local_batch_size: int | None = None,
    ) -> Batch:
        """Return (inputs, outputs) with arrays (B, H, …); see the class."""
        if indices is None:
            count = local_batch_size or self.batch_size
            windows = self.windows_at(self._rng.random((count, 2)))
        else:
            windows = self._checked_windows(np.asarray(indices, np.int64))
        wanted = self._wanted(names)
        ends = self._ends()
        chosen = np.searchsorted(ends, windows, side="right") - 1
        merged = AttrDict()
        for index in np.unique(chosen):
            rows = np.flatnonzero(chosen == index)
            part = self.sources[index].batch(windows[rows] - ends[index], wanted)
            for name, array in part.leaf_items():
                if name not in merged:
                    merged[name] = np.zeros((len(windows), *array.shape[1:]), array.dtype)
                merged[name][rows] = self._fitting(name, array, merged[name])
        self._complete(merged, wanted, chosen, self.horizon)
        inputs, outputs = self.split_into_inout(merged)
        if torch_device is not None:
            return self.torchify(inputs, torch_device), self.torchify(outputs, torch_device)
        return inputs, outputs

    def get_episode(
        self,
        i: int,
        names: Sequence[str] | None = None,
        split: bool = True,
        torch_device: Any = None,
    ) -> Any:
        """Return episode `i`, counted through the sources in order, with what its source lacks."""
        index, within = self._source_of_episode(i)
        wanted = self.names if names is None else self._known(names)
        data = self.sources[index].episode(within, wanted)
        length = self.episode_length(i)
        self._complete(data, wanted, np.full(length, index), None)
        if torch_device is not None:
            data = self.torchify(data, torch_device)
        return self.split_into_inout(data) if split else data

    def get_statistics(self, names: Sequence[str]) -> AttrDict:
        """Return name -> statistics over the steps of every source that has it, as batches show it.

        Each step counts once, whatever the weights.
        """
        names = [names] if isinstance(names, str) else list(names)
        return AttrDict((name, statistics_of(name, self.pieces(name))) for name in names)

    def pieces(self, name: str) -> Iterator[NDArray[Any]]:
        """Yield a column of all sources piece by piece, (n, …) each."""
        if name == f"{SOURCE}/index":
            for index, source in enumerate(self.sources):
                yield np.full(source.num_steps, index, np.int64)
            return
        for source in self.sources:
            if name in self._known([name]) and name in source.names:
                yield from source.pieces(name)

    # -- inner -------------------------------------------------------------------------------

    def _ends(self) -> Rows:
        """First window of each source and one past the last, (S + 1,)."""
        counts = [s.dataset.num_windows for s in self.sources]
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def _checked_windows(self, windows: Rows) -> Rows:
        total = self.num_windows
        bad = (windows < -total) | (windows >= total)
        if bad.any():
            raise DataError(
                f"no window {int(windows[np.argmax(bad)])}: the mixture has {total}; expected 0 to "
                f"{total - 1}"
            )
        return np.where(windows < 0, windows + total, windows)

    def _checked_weights(self) -> NDArray[np.float64]:
        given = self.params.weights
        weights = np.ones(len(self.sources)) if given is None else np.asarray(given, np.float64)
        if len(weights) != len(self.sources) or (weights < 0).any() or not weights.any():
            raise ParamError(
                f"MixtureDataset: weights={given} for the sources "
                f"{', '.join(s.name for s in self.sources)}; expected a number >= 0 for each, not "
                "all zero"
            )
        return weights

    def _source_of_episode(self, i: int) -> tuple[int, int]:
        i = self.check_episode_number(i)
        for index, source in enumerate(self.sources):
            count = source.dataset.get_num_episodes()
            if i < count:
                return index, i
            i -= count
        raise AssertionError("checked above")

    def _known(self, names: Iterable[str]) -> tuple[str, ...]:
        names = tuple(names)
        for name in names:
            if name not in self.names:
                near = suggest(name, self.names)
                raise DataError(
                    f"no {name!r} in any source; there are: {', '.join(self.names)}.{near}"
                )
        return names

    def _wanted(self, names: Sequence[str] | None) -> tuple[str, ...]:
        names = self.params.batch_names_to_get if names is None else names
        if names is None:
            return self.names
        return tuple(self.columns.with_implicit(self._known(names), self.names))

    def _fitting(self, name: str, array: NDArray[Any], like: NDArray[Any]) -> NDArray[Any]:
        if array.shape[1:] != like.shape[1:] or array.dtype != like.dtype:
            raise DataError(
                f"{name!r} is {array.dtype} {array.shape[1:]} in one source, {like.dtype} "
                f"{like.shape[1:]} in another; expected the same in each"
            )
        return array

    def _complete(
        self, data: AttrDict, wanted: Iterable[str], chosen: Rows, horizon: int | None
    ) -> None:
        """Fill what is lacking with zeros, tell it by masks, and add the sources' numbers.

        Args:
            data: arrays (n, H, …), or (n, …) where `horizon` is None.
            wanted: the names it must hold.
            chosen: source of each row, (n,).
            horizon: steps in a row.
        """
        front = (len(chosen),) if horizon is None else (len(chosen), horizon)
        across = (slice(None), *[None] * (len(front) - 1))
        for name in wanted:
            if name not in data:
                shape, dtype = next(s.like(name) for s in self.sources if name in s.names)
                data[name] = np.zeros((*front, *shape), dtype)
        for name in self._partial:
            if name in data:
                has = np.array([name in s.names for s in self.sources])
                data[f"{HAS}/{name}"] = np.broadcast_to(has[chosen][across], front).copy()
        data[f"{SOURCE}/index"] = np.broadcast_to(chosen[across], front).astype(np.int64)
        if horizon is not None and PADDING not in data and any(s.pads for s in self.sources):
            data[PADDING] = np.zeros(front, np.bool_)

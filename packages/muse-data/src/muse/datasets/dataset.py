"""`Dataset`: the contract of everything that hands out batches of windows."""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, MissingExtraError, ParamError
from muse.core.params import Configurable, Param, imported, non_negative, positive
from muse.datasets.columns import Columns

if TYPE_CHECKING:
    from muse.datasets.samplers.sampler import Sampler

    class _Iterable: ...
else:
    try:
        from torch.utils.data import IterableDataset as _Iterable
    except ImportError:  # everything but `torch_device` works without torch

        class _Iterable: ...


Batch = tuple[AttrDict, AttrDict]


class Dataset(_Iterable, Configurable):
    """Episodes of demonstrations, handed out as batches of windows.

    A window is `horizon` steps of one episode. Windows are numbered from 0 to `num_windows` - 1,
    each exactly once; samplers draw these numbers and hand `get_batch` what `window_indices`
    makes of them.

    Args:
        params: see `declared_params`.
        env_spec: names, shapes and dtypes of the data and the groups they belong to.
        file_manager: where relative file names are looked up; None for `$MUSE_DIR` and here.
        base_dataset: a dataset whose loaded arrays may be shared.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("batch_size", int, help="windows in a batch", unit="windows", check=positive),
        Param("horizon", int, help="steps in a window", unit="steps", check=positive),
        Param("sampler", AttrDict | None, None, help="config group of the sampler; None: Sampler"),
        Param("done_key", str, "done", help="name of the flag that ends an episode"),
        Param("use_rollout_steps", bool, True, help="hand out rollout_timestep, 0 to L-1"),
        Param("step_names", list[str] | None, None, help="names with a value a step; None: spec"),
        Param(
            "onetime_names",
            list[str] | None,
            None,
            help="names with a value an episode; None: the spec's param and final names",
        ),
        Param("batch_names_to_get", list[str] | None, None, help="names in a batch; None: all"),
        Param(
            "final_names_as_inputs", bool, True, help="final names go to the inputs, else outputs"
        ),
        Param("seed", int, 0, help="of windows drawn without a sampler", check=non_negative),
    )

    #: Parameters that older configs may hold and that are refused: name -> what to do instead.
    obsolete_params: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def resolve_params(cls, params: Mapping[str, Any] | None = None) -> AttrDict:
        """Validate `params`; obsolete ones are refused with a word on what replaced them."""
        for name in params or ():
            for owner in cls.__mro__:
                hint = vars(owner).get("obsolete_params", {}).get(name)
                if hint is not None:
                    raise ParamError(f"{cls.__name__}: parameter {name!r} is gone: {hint}")
        return super().resolve_params(params)

    def __init__(
        self,
        params: Mapping[str, Any],
        env_spec: Any,
        file_manager: Any = None,
        base_dataset: Dataset | None = None,
    ) -> None:
        self.params = self.resolve_params(params)
        self.env_spec = env_spec
        self.file_manager = file_manager
        self.base_dataset = base_dataset
        self.batch_size: int = self.params.batch_size
        self.horizon: int = self.params.horizon
        self.done_key: str = self.params.done_key
        self.columns = self._make_columns()
        self._epoch = 0
        self._rng = np.random.Generator(np.random.Philox(self.params.seed))

    def _make_columns(self) -> Columns:
        spec, given = self.env_spec, self.params
        steps = spec.names if given.step_names is None else given.step_names
        onetime = given.onetime_names
        if onetime is None:
            onetime = dict.fromkeys((*spec.param_names, *spec.final_names))
        return Columns(
            spec,
            self.keep_names(steps),
            self.keep_names(onetime),
            self.done_key,
            given.use_rollout_steps,
            given.final_names_as_inputs,
        )

    def keep_names(self, names: Iterable[str]) -> list[str]:
        """Return the names to store of those the spec or the parameters ask for; here: all."""
        return list(names)

    # -- to be written by every dataset ------------------------------------------------------

    @abstractmethod
    def get_batch(
        self,
        indices: Any = None,
        names: Sequence[str] | None = None,
        torch_device: Any = None,
    ) -> Batch:
        """Return (inputs, outputs) with arrays (B, H, …).

        Inputs hold observations, actions, goals, one-time values, `rollout_timestep` and, when
        windows can run over the end of an episode, `padding_mask` (B, H), True where a step is
        padding. Outputs hold output observations, output goals and `done` (B, H).

        Args:
            indices: which, as `window_indices` or the class's own docs say; None draws
                `batch_size` windows at random.
            names: the names wanted beside timestep and done; None: `batch_names_to_get`.
            torch_device: return tensors on this device instead of numpy arrays.
        """

    @abstractmethod
    def get_episode(
        self,
        i: int,
        names: Sequence[str] | None = None,
        split: bool = True,
        torch_device: Any = None,
    ) -> Any:
        """Return episode `i`, arrays (L, …): (inputs, outputs), or one AttrDict if not `split`."""

    @abstractmethod
    def get_num_episodes(self) -> int:
        """Number of whole episodes."""

    @abstractmethod
    def episode_length(self, i: int) -> int:
        """Steps in episode `i`."""

    @property
    @abstractmethod
    def num_windows(self) -> int:
        """Number of windows."""

    @abstractmethod
    def windows_at(self, uniform: NDArray[np.float64]) -> NDArray[np.int64]:
        """Turn `uniform` numbers in [0, 1), (B, 2), into windows (B,) of the sampling weights."""

    @abstractmethod
    def get_statistics(self, names: Sequence[str]) -> AttrDict:
        """Return name -> AttrDict(mean, std, min, max) over this dataset's episodes."""

    @abstractmethod
    def __len__(self) -> int: ...

    # -- periods: what episodes are sampled by -------------------------------------------------

    def get_num_periods(self) -> int:
        """Number of periods: the stretches windows are drawn from, here the episodes."""
        return self.get_num_episodes()

    def period_length(self, i: int) -> int:
        """Steps in period `i`."""
        return self.episode_length(i)

    def period_weights(self) -> NDArray[np.float64]:
        """Share of the windows drawn that come from each period, (P,); here by length."""
        lengths = [self.period_length(i) for i in range(self.get_num_periods())]
        return np.asarray(lengths, np.float64) / max(sum(lengths), 1)

    # -- common ------------------------------------------------------------------------------

    @property
    def frozen(self) -> bool:
        """Whether the data never change."""
        return True

    @property
    def extra_horizons(self) -> Mapping[str, int]:
        """Groups that batches hold beside the window itself, each with its number of steps."""
        return {}

    @property
    def prefetch_with(self) -> Literal["threads", "processes"]:
        """What `PrefetchLoader` best uses: threads, or processes where batches are decoded."""
        return "threads"

    def cleanup(self) -> None:
        """Close what is open; closing again does nothing."""

    def window_indices(self, windows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the `indices` of `get_batch` that mean these windows."""
        return windows

    def get_sampler(self, extra_datasets: Sequence[Dataset] = ()) -> Sampler:
        """Return the sampler of the parameter `sampler`, by default seeded uniform windows."""
        from muse.datasets.samplers.sampler import Sampler

        datasets = [self, *extra_datasets]
        group = self.params.sampler
        if group is None:
            return Sampler(datasets, AttrDict(seed=self.params.seed))
        given = AttrDict((k, v) for k, v in group.items() if k != "cls")
        cls = imported(group.get("cls", Sampler))
        sampler: Sampler = cls(datasets, given)
        return sampler

    def set_epoch(self, epoch: int) -> None:
        """Choose what the next `iter(dataset)` yields, as torch's DistributedSampler does."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[Batch]:
        """Yield one epoch of batches, about as many windows as there are.

        Epoch e is the same in every process; inside a torch DataLoader (with `batch_size=None`)
        each worker yields its share of the batches, and with a distributed sampler each rank its
        share of every batch.
        """
        worker, workers = _torch_worker()
        epoch, self._epoch = self._epoch, self._epoch + 1
        for number, indices in enumerate(self.get_sampler().epoch_batches(epoch)):
            if number % workers == worker:
                yield self.get_batch(indices)

    def split_into_inout(self, data: AttrDict, include_done: bool = True) -> Batch:
        """Split leaves into (inputs, outputs); names of the spec's outputs and done go right."""
        inputs, outputs = AttrDict(), AttrDict()
        for name, value in data.leaf_items():
            if name == self.done_key and not include_done:
                continue
            (outputs if name in self.columns.outputs else inputs)[name] = value
        return inputs, outputs

    def check_episode_number(self, i: int) -> int:
        """Return `i` as a number from 0, or raise `DataError`."""
        count = self.get_num_episodes()
        if not -count <= i < count:
            raise DataError(f"no episode {i}: the dataset has {count}; expected 0 to {count - 1}")
        return int(i) % count

    @staticmethod
    def torchify(tree: AttrDict, torch_device: Any) -> AttrDict:
        """Return the same tree with tensors on `torch_device`; on the CPU they share memory."""
        try:
            import torch
        except ImportError:
            raise MissingExtraError("torch_device", "muse-data", "torch") from None

        stays = torch.device(torch_device).type == "cpu"

        def convert(array: Any) -> Any:
            if not array.flags.writeable:
                array = array.copy()
            tensor = torch.from_numpy(array)
            return tensor if stays else tensor.to(torch_device)

        return tree.leaf_apply(convert)


def _torch_worker() -> tuple[int, int]:
    """Return (number, count) of this torch DataLoader worker, (0, 1) outside of one."""
    data = sys.modules.get("torch.utils.data")
    info = data.get_worker_info() if data is not None else None
    return (0, 1) if info is None else (info.id, info.num_workers)

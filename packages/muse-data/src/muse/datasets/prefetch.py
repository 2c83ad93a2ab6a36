"""Making batches ahead, in threads or in processes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, MissingExtraError, MuseError
from muse.datasets.dataset import Batch, Dataset
from muse.datasets.samplers.sampler import Sampler

State = dict[str, Any]


class Ahead(ABC):
    """Batches in the sampler's order, each with the sampler's state after it."""

    @abstractmethod
    def next(self) -> tuple[Batch, State]:
        """Return the next batch and the state to go on from."""

    @abstractmethod
    def close(self) -> None:
        """Stop the workers and wait for them."""


class WithoutAhead(Ahead):
    """Makes each batch when it is asked for."""

    def __init__(self, dataset: Dataset, sampler: Sampler, device: Any) -> None:
        self._dataset, self._sampler, self._device = dataset, sampler, device

    def next(self) -> tuple[Batch, State]:
        batch = self._dataset.get_batch(self._sampler.get_indices(), torch_device=self._device)
        return batch, self._sampler.state()

    def close(self) -> None:
        """There is nothing to stop."""


class ByThreads(Ahead):
    """Keeps `depth` batches in the making in a pool of threads."""

    def __init__(
        self, dataset: Dataset, sampler: Sampler, device: Any, workers: int, depth: int
    ) -> None:
        self._dataset, self._sampler, self._device = dataset, sampler, device
        self._pinned = _is_cuda(device)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="muse-batch")
        self._waiting: deque[tuple[Future[Batch], State, Any]] = deque()
        for _ in range(depth):
            self._submit()

    def next(self) -> tuple[Batch, State]:
        future, state, indices = self._waiting.popleft()
        try:
            batch = future.result()
        except Exception as error:
            raise _in_context(error, state, indices) from error
        self._submit()
        return (_send(batch, self._device) if self._pinned else batch), state

    def close(self) -> None:
        """Drop what waits; a batch in the making is finished first."""
        self._waiting.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self) -> None:
        indices = self._sampler.get_indices()  # here, so that the order is the sampler's
        self._waiting.append(
            (self._pool.submit(self._make, indices), self._sampler.state(), indices)
        )

    def _make(self, indices: Any) -> Batch:
        if not self._pinned:
            return self._dataset.get_batch(indices, torch_device=self._device)
        inputs, outputs = self._dataset.get_batch(indices, torch_device="cpu")
        return _pin(inputs), _pin(outputs)


class ByProcesses(Ahead):
    """torch's DataLoader: forked processes, tensors in shared memory."""

    def __init__(
        self, dataset: Dataset, sampler: Sampler, device: Any, workers: int, depth: int
    ) -> None:
        try:
            from torch.utils.data import DataLoader
        except ImportError:
            raise MissingExtraError("prefetching in processes", "muse-data", "torch") from None
        self._device, self._pinned = device, _is_cuda(device)
        self._drawn: deque[tuple[State, Any]] = deque()
        self._sampler = sampler
        loader: Any = DataLoader(
            _Batches(dataset),
            sampler=self._indices(),
            batch_size=None,
            num_workers=workers,
            prefetch_factor=-(-depth // workers),
            collate_fn=_unchanged,
            pin_memory=self._pinned,
            multiprocessing_context="fork",
        )
        self._batches = iter(loader)

    def next(self) -> tuple[Batch, State]:
        try:
            batch = next(self._batches)
            if isinstance(batch, MuseError):
                raise batch
        except Exception as error:
            state, indices = self._drawn[0] if self._drawn else ({}, ())
            raise _in_context(error, state, indices) from error
        state, _ = self._drawn.popleft()
        if self._device is None:
            return tuple(tree.leaf_apply(_numpy) for tree in batch), state  # type: ignore[return-value]
        return _send(batch, self._device), state

    def close(self) -> None:
        """End the processes."""
        batches, self._batches = self._batches, None
        if batches is not None:
            # Left to the garbage collector they would live as long as a traceback refers to them.
            batches._shutdown_workers()

    def _indices(self) -> Iterator[Any]:
        while True:
            indices = self._sampler.get_indices()
            self._drawn.append((self._sampler.state(), indices))
            yield indices


class _Batches:
    """A dataset as torch's DataLoader wants it: from indices to a batch.

    A mistake in the data is handed over as it is, without the worker's traceback around it.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def __getitem__(self, indices: Any) -> Batch | MuseError:
        try:
            return self._dataset.get_batch(indices, torch_device="cpu")
        except MuseError as error:
            return error


def _in_context(error: Exception, state: State, indices: Any) -> Exception:
    place = f"batch {int(state.get('position', 0)) - 1} ({len(indices)} windows)"
    if isinstance(error, MuseError):
        return DataError(f"while making {place}: {error}")
    return RuntimeError(f"while making {place}: {type(error).__name__}: {error}")


def _is_cuda(device: Any) -> bool:
    if device is None:
        return False
    import torch

    return torch.device(device).type == "cuda" and torch.cuda.is_available()


def _pin(tree: AttrDict) -> AttrDict:
    return tree.leaf_apply(lambda tensor: tensor.pin_memory())


def _send(batch: Batch, device: Any) -> Batch:
    inputs, outputs = (
        tree.leaf_apply(lambda tensor: tensor.to(device, non_blocking=True)) for tree in batch
    )
    return inputs, outputs


def _numpy(tensor: Any) -> Any:
    return tensor.numpy()


def _unchanged(batch: Any) -> Any:
    return batch

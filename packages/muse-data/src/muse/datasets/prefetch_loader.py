"""`PrefetchLoader`: batches made ahead of their use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, ClassVar

from muse.core.attrdict import AttrDict
from muse.core.params import Configurable, Param, non_negative, positive
from muse.datasets.dataset import Batch, Dataset
from muse.datasets.prefetch import Ahead, ByProcesses, ByThreads, WithoutAhead
from muse.datasets.samplers.sampler import Sampler


class PrefetchLoader(Configurable):
    """Hands out a sampler's batches in its order, for ever, while the next ones are being made.

    Threads suit arrays in memory or in mapped files, whose copying leaves Python free; processes
    suit what has to be decoded, and need torch, whose DataLoader runs them. With "auto" the dataset
    says which (`Dataset.prefetch_with`). At most `depth` batches wait. Order and `state` are those
    of the sampler used without a loader: batches made ahead but not yet handed out do not count.

    Tensors for a CUDA device are pinned and sent without waiting for them. A mistake in a worker
    is raised where the batch would have come, with the batch's number. Leave the loader by `close`
    or as a context manager; an iteration broken off does no harm.

    Args:
        dataset: where batches come from; it must not change while the loader is open.
        sampler: which they are; None: the dataset's own.
        params: see `declared_params`.
        torch_device: return tensors on this device instead of numpy arrays.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "workers",
            int,
            2,
            help="threads or processes; 0: make no batch ahead",
            check=non_negative,
        ),
        Param("depth", int, 4, help="batches that may wait", unit="batches", check=positive),
        Param(
            "use",
            str,
            "auto",
            help="what makes batches; auto: what the dataset says is best",
            choices=("auto", "threads", "processes"),
        ),
    )

    def __init__(
        self,
        dataset: Dataset,
        sampler: Sampler | None = None,
        params: Mapping[str, Any] | None = None,
        torch_device: Any = None,
    ) -> None:
        self.params: AttrDict = self.resolve_params(params)
        self.dataset = dataset
        self.sampler = dataset.get_sampler() if sampler is None else sampler
        self.torch_device = torch_device
        self._ahead: Ahead | None = None
        self._state: dict[str, Any] = self.sampler.state()

    def __iter__(self) -> Iterator[Batch]:
        """Go on from where the loader is."""
        while True:
            yield self.batch()

    def batch(self) -> Batch:
        """Return the next batch (inputs, outputs), arrays or tensors (B, H, …)."""
        if self._ahead is None:
            self._ahead = self._start()
        try:
            batch, self._state = self._ahead.next()
        except BaseException:  # the user's own interrupt too: no worker outlives it
            self._stop()
            raise
        return batch

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs to hand out what comes next here, as JSON-able data."""
        return self._state

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where a loader, or a sampler alone, with this `state` was."""
        self._stop()
        self.sampler.restore(state)
        self._state = self.sampler.state()

    def close(self) -> None:
        """Stop the workers; the next batch starts new ones where these left off."""
        self._stop()

    def __enter__(self) -> PrefetchLoader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self) -> Ahead:
        workers, depth = self.params.workers, self.params.depth
        if not workers:
            return WithoutAhead(self.dataset, self.sampler, self.torch_device)
        use = self.dataset.prefetch_with if self.params.use == "auto" else self.params.use
        kind = ByThreads if use == "threads" else ByProcesses
        return kind(self.dataset, self.sampler, self.torch_device, workers, depth)

    def _stop(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.close()
            self.sampler.restore(self._state)  # what was made ahead is made again

"""`Sampler`: uniform windows, a pure function of seed and position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.core.params import Configurable, Param, non_negative, positive
from muse.datasets.samplers.sharding import share_of_batch

Indices = NDArray[np.int64]
_BLOCK = 64  # batches drawn together, so that seeding a generator costs nothing a batch


class Sampler(Configurable):
    """Draws windows of the first dataset, with replacement.

    Uniform over windows, or over episodes where the dataset says `uniform_sample_eps`. The n-th
    batch depends on (seed, n) alone: a restored sampler goes on exactly as if never stopped.

    Where several processes train together each takes its share of the same batches: together they
    see what one process alone would see, whatever their number.

    Args:
        dataset: the dataset drawn from, or several; the first is drawn from, the others are
            there for samplers that mix.
        params: see `declared_params`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("seed", int, 0, help="of the draws", check=non_negative),
        Param(
            "batch_size",
            int | None,
            None,
            help="windows in a batch, those of all processes together; None: the dataset's",
            check=positive,
        ),
        Param("rank", int | None, None, help="which share of each batch to take, from 0"),
        Param("world_size", int | None, None, help="shares that each batch is cut into"),
        Param(
            "distributed",
            bool,
            False,
            help="take rank and world_size from torchrun, mpirun or srun, whichever started us",
        ),
    )

    def __init__(self, dataset: Any, params: Mapping[str, Any] | None = None) -> None:
        self.params: AttrDict = self.resolve_params(params)
        self.datasets: list[Any] = list(dataset) if isinstance(dataset, Sequence) else [dataset]
        if not self.datasets:
            raise DataError(f"{type(self).__name__}: got no dataset; expected at least one")
        self.dataset = self.datasets[0]
        self.seed: int = self.params.seed
        self.batch_size: int = self.params.batch_size or self.dataset.batch_size
        self.position = 0
        self._share = share_of_batch(
            self.params.rank, self.params.world_size, self.params.distributed, self.batch_size
        )
        self._block: tuple[int, NDArray[Any]] = (-1, np.empty(0))

    @property
    def epoch(self) -> int:
        """Passes over the data so far, counted in windows drawn."""
        return self.position * self.batch_size // max(self.dataset.num_windows, 1)

    def get_indices(self) -> Indices:
        """Return what `get_batch` takes for the next batch, (B,) or this process's share of it."""
        windows = self._batch(self.position)[self._share]
        self.position += 1
        return self._indices(windows)

    def epoch_batches(self, epoch: int = 0) -> Iterator[Indices]:
        """Yield as many windows as the dataset has, the last batch cut to fit; stays in place."""
        total, size = self.dataset.num_windows, self.batch_size
        batches = -(-total // size)
        for number in range(batches):
            windows = self._batch(epoch * batches + number)
            share = windows[: total - number * size][self._share]
            if len(share):
                yield self._indices(share)

    def _indices(self, windows: NDArray[Any]) -> Indices:
        if not self.dataset.frozen:  # how many windows there are is known only now
            windows = self.dataset.windows_at(windows)
        indices: Indices = self.dataset.window_indices(windows)
        return indices

    def _batch(self, position: int) -> NDArray[Any]:
        """Return the windows of a whole batch (B,), as `_draw` gives them."""
        number, offset = divmod(position, _BLOCK)
        if self._block[0] != number:
            self._block = (number, self._draw(number))
        windows: NDArray[Any] = self._block[1][offset]
        return windows

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON-able data."""
        return {
            "kind": type(self).__name__,
            "seed": self.seed,
            "batch_size": self.batch_size,
            "position": self.position,
            "num_windows": self.dataset.num_windows,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where a sampler with this `state` was.

        Raises:
            DataError: the state belongs to another kind of sampler, batch size or dataset.
        """
        here = self.state()
        for key in ("kind", "batch_size", "num_windows"):
            if key == "num_windows" and not self.dataset.frozen:
                continue
            if state.get(key) != here[key]:
                raise DataError(
                    f"cannot restore {here['kind']}: its state has {key}={state.get(key)!r}, "
                    f"expected {here[key]!r}; resume with the data and sampler of the first run"
                )
        self.seed, self.position = int(state["seed"]), int(state["position"])
        self._block = (-1, np.empty(0))

    def _draw(self, number: int) -> NDArray[Any]:
        """Return the windows of batches `number * _BLOCK` on, (_BLOCK, B).

        While the dataset grows, the uniform numbers that choose them, (_BLOCK, B, 2).
        """
        generator = np.random.Generator(np.random.Philox(key=[self.seed, number]))
        uniform = generator.random((_BLOCK, self.batch_size, 2))
        if not self.dataset.frozen:
            return uniform
        windows: Indices = self.dataset.windows_at(uniform.reshape(-1, 2))
        return windows.reshape(_BLOCK, self.batch_size)

"""`WeightedSequentialSampler`: epochs in which some modes come more often than others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.core.params import Param, positive
from muse.datasets.samplers.sequential_sampler import SequentialSampler
from muse.datasets.window_dataset import WindowDataset

_TOGETHER = 1 << 16  # windows looked at together

#: How the weights (n, H) of the modes in a window become one weight (n,).
_REDUCE: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "first": lambda weights: weights[:, 0],
    "last": lambda weights: weights[:, -1],
    "max": lambda weights: weights.max(axis=1),
}


class WeightedSequentialSampler(SequentialSampler):
    """Epochs of windows weighted by the mode of their steps, such as sparse 0 and dense 1 (HYDRA).

    A window comes as often as the weights of its modes say: those of its first step, its last one,
    or the largest, or what `mode_to_weight_fn` makes of them. `sample_weights`, where given too,
    multiply. The modes are read once, when the sampler is made.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("mode_key", str, "mode", help="name of the mode, a whole number from 0"),
        Param("num_modes", int, 2, help="how many modes there are", check=positive),
        Param("default_weights", list[float] | None, None, help="weight of each mode; None: all 1"),
        Param(
            "default_mtw",
            str,
            "first",
            help="which step's mode decides: the first, the last, or that of the largest weight",
            choices=tuple(_REDUCE),
        ),
        Param(
            "mode_to_weight_fn",
            Callable | None,
            None,
            help="modes (n, H) of n windows -> weights (n,), in place of the two above",
        ),
    )

    def _weights(self) -> NDArray[np.float64]:
        if not isinstance(self.dataset, WindowDataset):
            raise DataError(
                f"{type(self).__name__} reads modes from stored episodes; "
                f"{type(self.dataset).__name__} has none of its own: use it for one source"
            )
        size = self.size
        weights = np.empty(size, np.float64)
        for begin in range(0, size, _TOGETHER):
            windows = np.arange(begin, min(begin + _TOGETHER, size))
            weights[windows] = self._weigh(self.dataset.step_values(self.params.mode_key, windows))
        given = super()._weights()
        return weights if given is None else weights * np.asarray(given, np.float64)

    def _weigh(self, values: NDArray[Any]) -> NDArray[Any]:
        modes = values.reshape(*values.shape[:2])
        if self.params.mode_to_weight_fn is not None:
            return np.asarray(self.params.mode_to_weight_fn(modes))
        modes = modes.astype(np.int64)
        count = self.params.num_modes
        if modes.min() < 0 or modes.max() >= count:
            raise DataError(
                f"{type(self).__name__}: {self.params.mode_key!r} has modes from {modes.min()} to "
                f"{modes.max()}; expected 0 to {count - 1}; set num_modes"
            )
        of_mode = (
            np.ones(count) if self.params.default_weights is None else self.params.default_weights
        )
        if len(of_mode) != count:
            raise DataError(
                f"{type(self).__name__}: default_weights has {len(of_mode)} entries; expected "
                f"num_modes={count}"
            )
        return _REDUCE[self.params.default_mtw](np.asarray(of_mode, np.float64)[modes])

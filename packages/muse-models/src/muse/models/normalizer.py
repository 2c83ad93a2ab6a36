"""Normalisation statistics, kept as buffers of the model they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from muse.core.errors import DataError, SpecError

#: What a data set reports for each name, and what is saved in a state dict.
STATISTICS = ("mean", "std", "min", "max")

#: A spread below this is taken for a constant, which is shifted and not scaled.
SMALLEST_SPREAD = 1e-6


class NameStatistics(nn.Module):
    """Mean, standard deviation, minimum and maximum of one name, each of its spec shape.

    Normalising is `(x - shift) / scale`: in mode "gaussian" by mean and `sigma` standard
    deviations, in mode "minmax" from [min, max] to [-1, 1]. Where the data never vary, the scale
    is 1, so that no division can give an infinite value.
    """

    mean: Tensor
    std: Tensor
    min: Tensor
    max: Tensor
    fitted: Tensor
    shift: Tensor
    scale: Tensor

    def __init__(self, shape: Sequence[int], mode: str = "gaussian", sigma: float = 1.0) -> None:
        super().__init__()
        self.mode = mode
        self.sigma = sigma
        shape = tuple(shape)
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("std", torch.ones(shape))
        self.register_buffer("min", -torch.ones(shape))
        self.register_buffer("max", torch.ones(shape))
        self.register_buffer("fitted", torch.zeros((), dtype=torch.bool))
        self.register_buffer("shift", torch.zeros(shape), persistent=False)
        self.register_buffer("scale", torch.ones(shape), persistent=False)
        self.ready = False

    def fit(self, name: str, statistics: Mapping[str, Any]) -> None:
        """Take over the statistics a data set computed.

        Raises:
            DataError: when one is missing, not finite or of another shape than the spec says.
        """
        for key in STATISTICS:
            if key not in statistics:
                raise DataError(f"statistics of {name!r}: no {key!r}, expected {STATISTICS}")
            value = np.asarray(statistics[key], dtype=np.float64)
            target = getattr(self, key)
            if value.size != target.numel():
                raise DataError(
                    f"statistics of {name!r}: {key} has shape {value.shape}, the spec says "
                    f"{tuple(target.shape)}; use the env_spec the data were recorded with"
                )
            if not np.isfinite(value).all():
                raise DataError(
                    f"statistics of {name!r}: {key} is not finite; remove NaN and infinite values "
                    "from the data set"
                )
            target.copy_(torch.from_numpy(value.reshape(tuple(target.shape))).to(target))
        self.fitted.fill_(True)
        self.refresh()

    def refresh(self) -> None:
        """Compute shift and scale from the statistics."""
        self.ready = bool(self.fitted)
        if self.mode == "minmax":
            shift, spread = (self.max + self.min) / 2, (self.max - self.min) / 2
        else:
            shift, spread = self.mean, self.std * self.sigma
        small = spread.abs() < SMALLEST_SPREAD * shift.abs().clamp(min=1.0)
        self.shift.copy_(shift)
        self.scale.copy_(torch.where(small, torch.ones_like(spread), spread))

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        super()._load_from_state_dict(*args, **kwargs)
        self.refresh()


class Normalizer(nn.Module):
    """The statistics of several names.

    Args:
        shapes: name -> shape in the spec.
        modes: name -> "gaussian" or "minmax".
        sigma: how many standard deviations count as 1 in gaussian mode.
    """

    def __init__(
        self, shapes: Mapping[str, Sequence[int]], modes: Mapping[str, str], sigma: float = 1.0
    ) -> None:
        super().__init__()
        self.names = nn.ModuleDict(
            {name: NameStatistics(shape, modes[name], sigma) for name, shape in shapes.items()}
        )

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, name: str) -> NameStatistics:
        return self.names[name]  # type: ignore[return-value]

    def load(self, statistics: Any) -> None:
        """Fit every name from `statistics[name]`."""
        for name in self.names:
            self[name].fit(name, statistics[name])

    def apply_to(self, name: str, value: Tensor, inverse: bool = False) -> Tensor:
        """Return `value` `(…, *shape)` of `name` normalised, or back in its own unit."""
        one = self[name]
        if not one.ready:
            raise DataError(
                f"no statistics for {name!r} yet: call load_statistics() with a training data "
                "set, or restore a checkpoint"
            )
        if value.dtype == torch.uint8 and value.ndim > 3:
            raise SpecError(f"{name!r} is an image; images are scaled by the encoder, not here")
        if value.dtype == torch.float64 or not value.is_floating_point():
            value = value.float()
        if inverse:
            return value * one.scale + one.shift
        return (value - one.shift) / one.scale

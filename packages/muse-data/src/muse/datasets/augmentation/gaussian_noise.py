"""`GaussianNoise`: normal noise on states."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from muse.core.spec_ops import is_torch
from muse.datasets.augmentation.context import AugmentContext


@dataclass(frozen=True)
class GaussianNoise:
    """Add normal noise to a batch of states.

    Args:
        std: standard deviation, in the unit of the state.
        unit_norm: rescale the result to length 1 along the last axis (quaternions).
        corr: draw once for each window, not for each step.
    """

    std: float
    unit_norm: bool = False
    corr: bool = False

    def __call__(self, value: Any, context: AugmentContext) -> Any:
        """Return `value` (B, H, D) with noise."""
        if not context.training:
            return value
        noisy = value + self.std * context.normal(value, per_step=not self.corr)
        if not self.unit_norm:
            return noisy
        keep = {"keepdim": True} if is_torch(noisy) else {"keepdims": True}
        return noisy / (noisy**2).sum(-1, **keep) ** 0.5

    def to_config(self) -> dict[str, Any]:
        """The arguments, for `config.json`."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> GaussianNoise:
        """The inverse of `to_config`."""
        return cls(**config)


def get_augment_fn(std: float) -> GaussianNoise:
    """Return noise of deviation `std` on every step."""
    return GaussianNoise(std)

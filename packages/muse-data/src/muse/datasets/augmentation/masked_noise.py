"""`MaskedNoise`: noise on some steps only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from muse.core.errors import DataError, suggest
from muse.core.spec_ops import is_torch
from muse.datasets.augmentation.context import AugmentContext


@dataclass(frozen=True)
class MaskedNoise:
    """Add normal noise where a mask of the batch says so (HYDRA: on waypoint steps alone).

    Args:
        std: standard deviation, in the unit of the state.
        mask_key: name of the mask (B, H) or (B, H, 1) in the inputs; a float mask scales the noise.
        corr: draw once for each window, not for each step.
    """

    std: float
    mask_key: str = "mask"
    corr: bool = False

    def __call__(self, value: Any, context: AugmentContext) -> Any:
        """Return `value` (B, H, D) with noise."""
        if not context.training:
            return value
        if self.mask_key not in context.inputs:
            near = suggest(self.mask_key, context.inputs.leaf_keys())
            raise DataError(f"MaskedNoise: the batch has no mask {self.mask_key!r}.{near}")
        mask = context.inputs[self.mask_key]
        mask = mask.reshape(*mask.shape[:2], *[1] * (value.ndim - 2))
        mask = mask.to(value.dtype) if is_torch(mask) else mask.astype(value.dtype)
        return value + self.std * context.normal(value, per_step=not self.corr) * mask

    def to_config(self) -> dict[str, Any]:
        """The arguments, for `config.json`."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MaskedNoise:
        """The inverse of `to_config`."""
        return cls(**config)


def get_masked_augment_fn(std: float, mask_key: str = "mask", corr: bool = False) -> MaskedNoise:
    """Return noise of deviation `std` where the mask says so; `corr`: one draw a window."""
    return MaskedNoise(std, mask_key, corr)

"""Noise on training batches, so that a policy also sees states beside the demonstrated ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError, suggest
from muse.core.params import Configurable, Param

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class GaussianNoise:
    """Add normal noise to a batch of states.

    Drawn from torch's random state, which the trainer seeds and stores, so resuming is exact.

    Args:
        std: standard deviation, in the unit of the state.
        unit_norm: rescale the result to length 1 along the last axis (quaternions).
    """

    std: float
    unit_norm: bool = False

    def __call__(self, value: torch.Tensor) -> torch.Tensor:
        """Return `value` (B, H, D) with noise."""
        import torch

        noisy = value + self.std * torch.randn_like(value)
        return torch.nn.functional.normalize(noisy, dim=-1) if self.unit_norm else noisy

    def to_config(self) -> dict[str, Any]:
        """The arguments, for `config.json`."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> GaussianNoise:
        """The inverse of `to_config`."""
        return cls(**config)


class DataAugmentation(Configurable):
    """Applies one function to each of some keys of a training batch.

    Args:
        params: `augment_keys` and, one for each of them, `augment_fns`.
        dataset: the dataset the batches come from; its spec checks the keys.
    """

    declared_params = (
        Param("augment_keys", list[str], help="input keys to augment"),
        Param("augment_fns", list[Callable], help="value (B, H, …) → value, one for each key"),
    )

    def __init__(self, params: AttrDict, dataset: Any = None) -> None:
        self.params = self.resolve_params(params)
        keys, fns = self.params.augment_keys, self.params.augment_fns
        if len(keys) != len(fns):
            raise ParamError(
                f"DataAugmentation: {len(keys)} augment_keys but {len(fns)} augment_fns; "
                "give one function for each key"
            )
        spec = getattr(dataset, "env_spec", None)
        if spec is not None:
            for key in keys:
                if key not in spec.all_names:
                    raise ParamError(
                        f"DataAugmentation: augment_keys names {key!r}, which is not in the "
                        f"spec.{suggest(key, spec.all_names)}"
                    )
        self._fns = dict(zip(keys, fns, strict=True))

    def forward(self, inputs: AttrDict, outputs: AttrDict) -> tuple[AttrDict, AttrDict]:
        """Return the batch with augmented inputs; the given one stays as it is."""
        augmented = AttrDict((key, fn(inputs[key])) for key, fn in self._fns.items())
        return inputs & augmented, outputs

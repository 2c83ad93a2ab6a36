"""`DataAugmentation`: changes training batches, so that a policy sees more than was shown."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError, suggest
from muse.core.params import Configurable, Param, non_negative
from muse.core.spec_ops import is_torch
from muse.datasets.augmentation.context import AugmentContext
from muse.datasets.dataset import Batch


class DataAugmentation(Configurable):
    """Applies one function to each of some keys of a batch, of numpy arrays or of tensors.

    What chance does is a function of (seed, step, key). Without a step, batches of tensors take one
    from torch's random state, which the trainer seeds and stores: resuming is exact either way.

    Args:
        params: `augment_keys` and, one for each of them, `augment_fns`; see `declared_params`.
        dataset: the dataset the batches come from; see `link_dataset`.
    """

    declared_params = (
        Param("augment_keys", list[str], help="input keys to augment"),
        Param(
            "augment_fns",
            list[Callable],
            help="(value (B, H, …), AugmentContext) → value, one for each key",
        ),
        Param("seed", int, 0, help="of what is left to chance", check=non_negative),
        Param("read_keys", list[str], [], help="inputs that functions find in memory.read_inputs"),
        Param("post_mask_name", str | None, None, help="input mask: where False, values stay"),
        Param("preproc_dataset_fn", Callable | None, None, help="called with the dataset, once"),
        Param(
            "preproc_fn",
            Callable | None,
            None,
            help="(inputs, outputs, memory) → (inputs, outputs), before the functions",
        ),
        Param(
            "postproc_fn",
            Callable | None,
            None,
            help="(inputs, outputs, memory) → (inputs, outputs), after the functions",
        ),
    )

    def __init__(self, params: AttrDict, dataset: Any = None) -> None:
        self.params = self.resolve_params(params)
        keys, fns = self.params.augment_keys, self.params.augment_fns
        if len(keys) != len(fns):
            raise ParamError(
                f"DataAugmentation: {len(keys)} augment_keys but {len(fns)} augment_fns; "
                "give one function for each key"
            )
        self._fns: dict[str, Callable[..., Any]] = dict(zip(keys, fns, strict=True))
        if dataset is not None:
            self.link_dataset(dataset)

    def link_dataset(self, dataset: Any) -> None:
        """Check the keys against a dataset's names and let `preproc_dataset_fn` see it.

        Raises:
            ParamError: it has no such name.
        """
        spec = getattr(dataset, "env_spec", None)
        known = [] if spec is None else [*spec.all_names, *getattr(dataset, "names", ())]
        for key in self._fns:
            if known and key not in known:
                raise ParamError(
                    f"DataAugmentation: augment_keys names {key!r}, which is not in the "
                    f"spec.{suggest(key, known)}"
                )
        if self.params.preproc_dataset_fn is not None:
            self.params.preproc_dataset_fn(dataset)

    def forward(
        self, inputs: AttrDict, outputs: AttrDict, step: int | None = None, training: bool = True
    ) -> Batch:
        """Return the batch with augmented inputs; the given one stays as it is.

        Args:
            inputs: leaves (B, H, …).
            outputs: leaves (B, H, …).
            step: number of the training step; None: see the class.
            training: False at evaluation, where crops are taken from the centre and nothing else
                is changed.

        Raises:
            DataError: the batch lacks a key, or is of numpy arrays and comes without a step.
        """
        params = self.params
        memory = AttrDict(read_inputs=self._pick(inputs, params.read_keys, "read_keys"))
        if params.preproc_fn is not None:
            inputs, outputs = params.preproc_fn(inputs, outputs, memory)
        values = self._pick(inputs, self._fns, "augment_keys")
        if training and step is None:
            step = _step_of_torch(values)
        augmented = AttrDict()
        for key, fn in self._fns.items():
            rng = _generator(params.seed, step or 0, key)
            context = AugmentContext(rng, key, inputs, outputs, memory, training)
            augmented[key] = self._masked(fn(values[key], context), values[key], inputs)
        inputs = inputs & augmented
        if params.postproc_fn is not None:
            inputs, outputs = params.postproc_fn(inputs, outputs, memory)
        return inputs, outputs

    def _masked(self, changed: Any, value: Any, inputs: AttrDict) -> Any:
        name = self.params.post_mask_name
        if name is None:
            return changed
        mask = self._pick(inputs, [name], "post_mask_name")[name]
        mask = mask.reshape(*mask.shape[:2], *[1] * (value.ndim - 2)) > 0
        if not is_torch(value):
            return np.where(mask, changed, value)
        import torch

        return torch.where(mask, changed, value)

    @staticmethod
    def _pick(inputs: AttrDict, names: Any, what: str) -> AttrDict:
        for name in names:
            if name not in inputs:
                near = suggest(name, inputs.leaf_keys())
                raise DataError(
                    f"DataAugmentation: {what} asks for {name!r}, which the batch lacks.{near}"
                )
        return AttrDict((name, inputs[name]) for name in names)


def _generator(seed: int, step: int, key: str) -> np.random.Generator:
    place = zlib.crc32(key.encode())
    return np.random.Generator(np.random.Philox(key=[seed, step], counter=[0, 0, 0, place]))


def _step_of_torch(values: AttrDict) -> int:
    if not all(map(is_torch, values.leaf_values())):
        raise DataError(
            "DataAugmentation: a batch of numpy arrays came without a step; give forward(…, step=n)"
        )
    import torch

    return int(torch.randint(2**62, ()))

"""The base of every model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from muse.core.attrdict import AttrDict
from muse.core.attrdict_convert import register_pytree
from muse.core.errors import ConfigError, DataError, MuseError, ParamError, SpecError, suggest
from muse.core.params import Configurable, Param, imported, instantiate
from muse.models.device import choose_device
from muse.models.normalizer import Normalizer
from muse.models.restore import load_state

FunctionOrPath = Callable | str | None


class Model(nn.Module, Configurable):
    """A `torch.nn.Module` from AttrDict to AttrDict, with its normalisation inside it.

    Tensors are `(B, H, …)`: batch, then horizon (time), then the shape the spec gives.
    Subclasses implement `compute`; `forward` adds the pre- and post-processing around it.

    Args:
        params: see `declared_params`.
        env_spec: names, shapes and limits; never changed, only derived from. May be None when
            the model ignores its inputs.
        dataset_train: where the statistics come from, and only they.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("ignore_inputs", bool, False, help="an empty model: forward returns nothing"),
        Param("device", str, "cpu", help="'auto', 'cpu', 'cuda', …; cuda falls back to the CPU"),
        Param("preproc_fn", FunctionOrPath, None, help="inputs -> inputs, before forward"),
        Param("postproc_fn", FunctionOrPath, None, help="(inputs, out) -> out, after forward"),
        Param("loss_fn", FunctionOrPath, None, help="(model, out, inputs, outputs) -> loss"),
        Param("loss_forward_kwargs", AttrDict, AttrDict(), help="keywords of forward in the loss"),
        Param(
            "metrics", list, [], help="metrics (or groups) whose sum is the loss without loss_fn"
        ),
        Param("normalize_inputs", bool, False, help="normalise the inputs by the training data"),
        Param(
            "normalization_inputs",
            list[str] | None,
            None,
            help="names to normalise; None: every observation that is not an image",
        ),
        Param(
            "save_normalization_inputs",
            list[str],
            [],
            help="further names whose statistics are kept, such as actions",
        ),
        Param(
            "minmax_normalization_inputs",
            list[str],
            [],
            help="names mapped from [min, max] to [-1, 1], whatever normalization_mode says",
        ),
        Param(
            "normalization_mode",
            str,
            "gaussian",
            choices=("gaussian", "minmax"),
            help="by mean and deviation, or from [min, max] to [-1, 1]",
        ),
        Param("normalize_sigma", float, 1.0, help="deviations that count as 1 in gaussian mode"),
    )

    #: Whether `train_step` does the whole step, optimizers included.
    implements_train_step: ClassVar[bool] = False

    def __init__(self, params: Any = None, env_spec: Any = None, dataset_train: Any = None) -> None:
        super().__init__()
        register_pytree()
        self.params = self.resolve_params(params)
        self.env_spec = env_spec
        self._dataset_train = dataset_train
        self._device = choose_device(self.params.device)
        self.ignore_inputs = self.params.ignore_inputs
        if env_spec is None and not self.ignore_inputs:
            raise ParamError(f"{type(self).__name__}: env_spec is None, expected an EnvSpec")
        self._preproc_fn = imported(self.params.preproc_fn)
        self._postproc_fn = imported(self.params.postproc_fn)
        self._loss_fn = imported(self.params.loss_fn)
        self._loss_forward_kwargs = dict(self.params.loss_forward_kwargs.items())
        self.metrics = [instantiate(metric) for metric in self.params.metrics]
        self._normalized_inputs = self._names_to_normalize()
        self.normalizer = self._build_normalizer()
        if not self.ignore_inputs:
            self.build()
        self.to(self._device)

    # -- for subclasses ---------------------------------------------------------------------

    def build(self) -> None:
        """Create the sub-modules; called once, after the params and statistics are in place."""

    def compute(self, inputs: AttrDict, **kwargs: Any) -> AttrDict:
        """Return the outputs for pre-processed inputs; the base only normalises."""
        refuse_kwargs(self, kwargs)
        return self.normalize(inputs)

    def output_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes, without (B, H), of outputs that later models may take as inputs."""
        return {}

    # -- forward and loss -------------------------------------------------------------------

    def forward(
        self,
        inputs: AttrDict | None = None,
        *,
        preproc: bool = True,
        postproc: bool = True,
        **kwargs: Any,
    ) -> AttrDict:
        """Return the outputs for `inputs` `(B, H, …)`.

        Args:
            preproc: run `preproc_fn` first.
            postproc: run `postproc_fn` on the result.
            kwargs: keywords of the subclass's `compute`.
        """
        if self.ignore_inputs:
            return AttrDict()
        if inputs is None:
            raise TypeError(f"{type(self).__name__}.forward: missing inputs")
        if preproc and self._preproc_fn is not None:
            inputs = self._preproc_fn(inputs)
        out = self.compute(inputs, **kwargs)
        if postproc and self._postproc_fn is not None:
            out = self._postproc_fn(inputs, out)
        return out

    def loss(self, inputs: AttrDict, outputs: AttrDict) -> AttrDict:
        """Return `loss`, a scalar tensor, and detached scalars worth logging beside it.

        Nothing here waits for the device: the scalars are tensors, and reading them is left to
        whoever logs them.
        """
        model_out = self(inputs, **self._loss_forward_kwargs)
        if self._loss_fn is not None:
            result = self._loss_fn(self, model_out, inputs, outputs)
            return result if isinstance(result, AttrDict) else AttrDict(loss=result)
        if not self.metrics:
            raise ConfigError(
                f"{type(self).__name__}: no loss, set params.loss_fn or params.metrics"
            )
        result, total = AttrDict(), None
        for metric in self.metrics:
            value = metric.compute(inputs, outputs, model_out)
            result[metric.name] = value.detach()
            total = value if total is None else total + value
        result["loss"] = total
        return result

    def train_step(self, inputs: AttrDict, outputs: AttrDict, optimizer: Any) -> AttrDict:
        """Do a whole training step; only for models with `implements_train_step`."""
        raise MuseError(
            f"{type(self).__name__} does not implement train_step: use loss() and an optimizer"
        )

    # -- acting -----------------------------------------------------------------------------

    def initial_memory(self, batch_size: int) -> AttrDict:
        """Return what `online_step` carries from step to step; every leaf has leading B."""
        return AttrDict()

    def online_step(
        self, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return the outputs for one step and the next memory; leaves of obs are `(B, 1, …)`."""
        return self(merged(obs, goal)), memory

    @property
    def noise_size(self) -> int:
        """How many normal numbers `decode_action` takes for each row; 0 when it draws none."""
        return 0

    @property
    def normalized_output_names(self) -> tuple[str, ...]:
        """Outputs in normalised units; the policy maps them back, once."""
        return ()

    def decode_action(
        self,
        out: AttrDict,
        names: Sequence[str],
        mode: str = "mean",
        uniform: Tensor | None = None,
        normal: Tensor | None = None,
    ) -> AttrDict:
        """Return the actions `names` of a model output, still in the units of the model.

        Args:
            mode: "mean", "mode" or "sample"; a model without distribution knows one answer.
            uniform: `(B, H)` in [0, 1) and normal: `(B, H, noise_size)`, the draws of "sample".
        """
        return out > list(names)

    # -- normalisation ----------------------------------------------------------------------

    def normalize(self, inputs: AttrDict) -> AttrDict:
        """Return a copy of `inputs` with the model's normalised inputs normalised, if so set."""
        if not self._normalized_inputs:
            return inputs
        return self.normalize_by_statistics(inputs, self._normalized_inputs)

    def normalize_by_statistics(
        self, inputs: AttrDict, names: Sequence[str], inverse: bool = False
    ) -> AttrDict:
        """Return a copy of `inputs` with `names` normalised (or mapped back when `inverse`).

        Raises:
            DataError: when a name has no statistics.
        """
        result = inputs.copy()
        for name in names:
            result[name] = self.normalizer_of(name).apply_to(name, inputs[name], inverse)
        return result

    def normalizer_of(self, name: str) -> Normalizer:
        """Return the normaliser that holds `name`."""
        if name in self.normalizer:
            return self.normalizer
        near = suggest(name, self.normalizer.names)
        raise DataError(
            f"{type(self).__name__} keeps no statistics of {name!r}; add it to "
            f"normalization_inputs or save_normalization_inputs.{near}"
        )

    def load_statistics(self, dd: AttrDict | None = None) -> AttrDict:
        """Take the statistics from the training data.

        Args:
            dd: statistics computed before, name -> (mean, std, min, max); only what is missing
                is asked of the data set.

        Returns:
            `dd` with what this model needed added.
        """
        dd = AttrDict() if dd is None else dd
        names = list(self.normalizer.names)
        missing = [name for name in names if name not in dd]
        if missing:
            if self._dataset_train is None:
                raise DataError(
                    f"{type(self).__name__} needs the statistics of {missing}, and has no "
                    "dataset_train to take them from"
                )
            found = self._dataset_train.get_statistics(missing)
            for name in missing:
                dd[name] = found[name]
        self.normalizer.load(dd)
        return dd

    def pretrain(self, datasets_holdout: Sequence[Any] | None = None) -> None:
        """Do what has to be done once before training; the base has nothing to do."""

    # -- saving -----------------------------------------------------------------------------

    def restore_from_checkpoint(self, chkpt: Mapping[str, Any], strict: bool = True) -> list[str]:
        """Load weights and statistics from a checkpoint (its `model`) or a bare state dict.

        Returns:
            The names that did not fit, always empty when strict.

        Raises:
            CheckpointError: naming what is missing, unexpected or of another shape.
        """
        return load_state(self, chkpt.get("model", chkpt), strict)

    @property
    def device(self) -> torch.device:
        """Where the model's tensors are."""
        for tensor in self.parameters():
            return tensor.device
        for tensor in self.buffers():
            return tensor.device
        return self._device

    # -- inside -----------------------------------------------------------------------------

    def _names_to_normalize(self) -> tuple[str, ...]:
        if self.ignore_inputs or not self.params.normalize_inputs:
            return ()
        names = self.params.normalization_inputs
        if names is None:
            names = [n for n in self.env_spec.observation_names if not is_image(self.env_spec, n)]
        for name in names:
            if name in self.env_spec and is_image(self.env_spec, name):
                raise SpecError(
                    f"{type(self).__name__}: normalization_inputs has the image {name!r}; images "
                    "are scaled by the encoder, take it out"
                )
        return tuple(names)

    def _build_normalizer(self) -> Normalizer:
        names = dict.fromkeys((*self._normalized_inputs, *self._names_to_save()))
        minmax = set(self._minmax_names())
        unknown = minmax - set(names)
        if unknown:
            raise ParamError(
                f"{type(self).__name__}: minmax_normalization_inputs has {sorted(unknown)}, which "
                "is in neither normalization_inputs nor save_normalization_inputs"
            )
        modes = {n: "minmax" if n in minmax else self.params.normalization_mode for n in names}
        shapes = {n: self.env_spec.shape(n) for n in names}
        return Normalizer(shapes, modes, self.params.normalize_sigma)

    def _names_to_save(self) -> Sequence[str]:
        return self.params.save_normalization_inputs

    def _minmax_names(self) -> Sequence[str]:
        return self.params.minmax_normalization_inputs


def is_image(env_spec: Any, name: str) -> bool:
    """Whether a name of the spec is an image: uint8 of shape (H, W, C)."""
    import numpy as np

    return len(env_spec.shape(name)) == 3 and np.dtype(env_spec.dtype(name)) == np.uint8


def merged(inputs: AttrDict, extra: AttrDict | None) -> AttrDict:
    """Return `inputs` with `extra` laid over it, without a copy when there is nothing to add."""
    if extra is None or not len(extra):
        return inputs
    return inputs & extra


def refuse_kwargs(model: Model, kwargs: Mapping[str, Any]) -> None:
    """Raise a TypeError for keywords that nobody takes."""
    if kwargs:
        raise TypeError(f"{type(model).__name__}.forward has no keywords {sorted(kwargs)}")

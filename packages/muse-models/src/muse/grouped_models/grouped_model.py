"""A model made of named models."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from muse.core.attrdict import AttrDict
from muse.core.errors import MissingKeyError, ParamError, suggest
from muse.core.params import Param, instantiate
from muse.models.model import Model, merged, refuse_kwargs
from muse.models.normalizer import Normalizer
from muse.models.restore import read_weights
from muse.models.specs import with_names


class GroupedModel(Model):
    """Several models under one roof, each declared by a config group (or given as an instance).

    They are built in `model_order`; each sees a spec that knows the outputs of those before it.
    By default `forward` runs `forward_models` one after the other on the inputs and everything
    before them, and returns all results merged.

    `group["a/b"]` is model b of model a, `group.a` is model a, iterating gives the models.
    """

    required_models: ClassVar[tuple[str, ...]] = ()

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "model_order",
            list[str] | None,
            None,
            help="the models in the order they are built; None: the required ones",
        ),
        Param(
            "forward_models",
            list[str] | None,
            None,
            help="the models forward runs, in order; None: all of them",
        ),
    )

    @classmethod
    def extra_params(cls, params: AttrDict) -> dict[str, Param]:
        declared = cls.all_params()
        return {
            name: Param(name, Any, help=f"the model {name}: a group with cls, or a Model")
            for name in cls.order_of(params)
            if name not in declared
        }

    @classmethod
    def order_of(cls, params: AttrDict) -> list[str]:
        """Return the names of the models for given params."""
        order = params << "model_order"
        return list(cls.required_models) if order is None else list(order)

    def build(self) -> None:
        self.model_order = self.order_of(self.params)
        self._check_order()
        spec = self.base_spec()
        for name in self.model_order:
            model = instantiate(self.group_of(name, spec), spec, self._dataset_train, base=Model)
            self.add_module(name, model)
            spec = with_names(spec, model.output_shapes())
        self.inner_spec = spec
        forward = self.params.forward_models
        self.forward_models = self.model_order if forward is None else list(forward)
        for name in self.forward_models:
            self._require(name, "forward_models")

    # -- for subclasses ---------------------------------------------------------------------

    def base_spec(self) -> Any:
        """Return the spec the first model sees."""
        return self.env_spec

    def group_of(self, name: str, spec: Any) -> Any:
        """Return the config group of a model, given the spec it will see."""
        return self.params[name]

    def compute(self, inputs: AttrDict, **kwargs: Any) -> AttrDict:
        """Run the models in order; keywords for model x are in `x_kwargs`."""
        self._refuse_kwargs(kwargs)
        seen, results = self.normalize(inputs).copy(), AttrDict()
        for name in self.forward_models:
            out = self[name](seen, **self.get_kwargs(name, kwargs))
            _put(out, seen)
            _put(out, results)
        return results

    # -- access -----------------------------------------------------------------------------

    def __getitem__(self, path: str) -> Any:
        name, _, rest = path.partition("/")
        model = self._modules.get(name)
        if name not in self.model_order or model is None:
            raise MissingKeyError(
                f"{type(self).__name__} has no model {name!r}; it has {self.model_order}."
                f"{suggest(name, self.model_order)}"
            )
        return model[rest] if rest else model  # type: ignore[index]

    def __iter__(self) -> Iterator[Model]:
        return (self[name] for name in self.model_order)

    def __len__(self) -> int:
        return len(self.model_order)

    def __bool__(self) -> bool:
        return True

    @staticmethod
    def get_kwargs(name: str, kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the keywords meant for model `name`: `kwargs["<name>_kwargs"]`, or none."""
        return kwargs.get(f"{name}_kwargs") or {}

    # -- statistics and weights, through all models -------------------------------------------

    def normalizer_of(self, name: str) -> Normalizer:
        """Return the first normaliser that holds `name`, this model's before its models'."""
        for module in self.modules():
            if isinstance(module, Normalizer) and name in module:
                return module
        return super().normalizer_of(name)

    def load_statistics(self, dd: AttrDict | None = None) -> AttrDict:
        dd = super().load_statistics(dd)
        for model in self:
            dd = model.load_statistics(dd)
        return dd

    def pretrain(self, datasets_holdout: Sequence[Any] | None = None) -> None:
        for model in self:
            model.pretrain(datasets_holdout)

    def restore_from_checkpoints(
        self, names: Sequence[str], chkpts: Sequence[Mapping[str, Any]], strict: bool = True
    ) -> None:
        """Restore each named model from its own checkpoint."""
        for name, chkpt in zip(names, chkpts, strict=True):
            self[name].restore_from_checkpoint(chkpt, strict)

    def restore_from_files(
        self,
        names: Sequence[str],
        files: Sequence[str | Path],
        prefixes: Sequence[str] | None = None,
        strict: bool = True,
    ) -> None:
        """Restore each named model from a file.

        Args:
            prefixes: for each file the sub-model whose weights to take from it, such as
                "action_decoder/decoder"; "" takes them all.

        Raises:
            CheckpointError: when a file cannot be read or does not fit.
        """
        prefixes = [""] * len(names) if prefixes is None else prefixes
        for name, file, prefix in zip(names, files, prefixes, strict=True):
            chkpt = read_weights(file, "checkpoint file", "a file written by muse train")
            state = chkpt.get("model", chkpt)
            if prefix:
                start = prefix.replace("/", ".") + "."
                state = {k[len(start) :]: v for k, v in state.items() if k.startswith(start)}
            self[name].restore_from_checkpoint(state, strict)

    # -- acting -----------------------------------------------------------------------------

    def initial_memory(self, batch_size: int) -> AttrDict:
        """The memory of each model that has any, by its name."""
        memories = {name: self[name].initial_memory(batch_size) for name in self.model_order}
        return AttrDict({name: memory for name, memory in memories.items() if len(memory)})

    def online_step(
        self, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """One step of the forward models on the observation with the goal merged into it."""
        seen, results = self.normalize(merged(obs, goal)).copy(), AttrDict()
        memory = memory.copy()
        for name in self.forward_models:
            out = self.step_model(name, seen, memory)
            _put(out, seen)
            _put(out, results)
        return results, memory

    def step_model(self, name: str, inputs: AttrDict, memory: AttrDict) -> AttrDict:
        """Run one model one step and put its next memory into `memory`."""
        own = memory << name
        out, own = self[name].online_step(inputs, AttrDict(), AttrDict() if own is None else own)
        if len(own):
            memory[name] = own
        return out

    @staticmethod
    def get_default_mem_policy_forward_fn(flush_horizon: int = 0) -> Callable[..., Any]:
        """Return `(model, obs, goal, memory) -> (out, memory)` for a `MemoryPolicy`.

        Args:
            flush_horizon: every so many steps the model's memory starts anew; 0: only at reset.
        """
        from muse.policies.memory_policy import online_forward

        return functools.partial(online_forward, flush_horizon=flush_horizon)

    # -- inside -----------------------------------------------------------------------------

    def _check_order(self) -> None:
        missing = [name for name in self.required_models if name not in self.model_order]
        if missing:
            raise ParamError(
                f"{type(self).__name__}: model_order {self.model_order} lacks {missing}, "
                "which this class requires"
            )
        for name in self.model_order:
            if name in ("net", "normalizer", "params") or "." in name or "/" in name:
                raise ParamError(f"{type(self).__name__}: a model cannot be called {name!r}")

    def _require(self, name: str, where: str) -> None:
        if name not in self.model_order:
            raise ParamError(
                f"{type(self).__name__}: {where} has {name!r}, which is not in model_order "
                f"{self.model_order}.{suggest(name, self.model_order)}"
            )

    def _refuse_kwargs(self, kwargs: Mapping[str, Any]) -> None:
        known = {f"{name}_kwargs" for name in self.model_order}
        refuse_kwargs(self, {k: v for k, v in kwargs.items() if k not in known})


def _put(out: AttrDict, into: AttrDict) -> None:
    for name, value in out.items():
        into[name] = value

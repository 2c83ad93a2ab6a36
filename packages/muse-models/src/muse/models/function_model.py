"""A model that is one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from muse.core.attrdict import AttrDict
from muse.core.params import Param, imported
from muse.models.model import Model, refuse_kwargs


class FunctionModel(Model):
    """`forward_fn(model, inputs) -> outputs`, on normalised inputs; it has no weights."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("forward_fn", Callable | str, help="(model, inputs) -> outputs, importable"),
    )

    def build(self) -> None:
        self.forward_fn = imported(self.params.forward_fn)

    def compute(self, inputs: AttrDict, **kwargs: Any) -> AttrDict:
        refuse_kwargs(self, kwargs)
        return self.forward_fn(self, self.normalize(inputs))

"""Classes and functions that the config tests name by import path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from muse.core.attrdict import AttrDict
from muse.core.params import Configurable, Param, positive


class Net(Configurable):
    """A network of some width."""

    declared_params = (
        Param("width", int, 64, help="neurons of a layer", unit="neurons", check=positive),
        Param("depth", int, 2, help="layers"),
        Param("act", str, "relu", choices=("relu", "tanh"), help="activation"),
        Param("rate", float, 0.1, help="dropout"),
        Param("bias", bool, True, help="add a bias"),
        Param("names", list[str], [], help="inputs"),
        Param("sizes", list[int] | None, None, help="layer sizes"),
        Param("label", str | None, None, help="a text"),
        Param("fn", Callable | None, None, help="a function"),
        Param("kwargs", AttrDict, AttrDict(), help="keywords"),
        Param("opt/lr", float, 1e-3, help="step", unit="1/step"),
    )

    def __init__(self, params: AttrDict) -> None:
        self.params = self.resolve_params(params)


class DeepNet(Net):
    """A network with a skip."""

    declared_params = (
        Param("depth", int, 8, help="layers"),
        Param("skip", bool, False, help="add the input"),
    )


class Data(Configurable):
    """A data set."""

    declared_params = (
        Param("file", str, help="path of the file"),
        Param("horizon", int, 1, help="steps in a window", unit="steps"),
    )


class Family(Configurable):
    """A model of models whose names are known at run time."""

    declared_params = (Param("order", list[str], [], help="its models"),)

    @classmethod
    def extra_params(cls, params: AttrDict) -> dict[str, Param]:
        return {name: Param(name, Any, help="a model") for name in params.order}


class Plain:
    """A class that declares nothing."""


@dataclass(frozen=True)
class Scale:
    """A callable that configs can write."""

    factor: float

    def __call__(self, x: float) -> float:
        return x * self.factor

    def to_config(self) -> dict[str, Any]:
        return {"factor": self.factor}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Scale:
        return cls(**config)


def double(x: Any) -> Any:
    return x * 2


def short_name(params: AttrDict, full_params: AttrDict) -> str:
    return f"_w{params.width}of{len(full_params)}"

"""`LayerParams`: one layer of a network, declared without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from muse.core.errors import ConfigError, MissingExtraError, ParamError, suggest
from muse.core.params import import_object
from muse.utils.param_json import decode, encode

#: Modules built so far in one network, for layers declared `shared`.
Memo = list[tuple["LayerParams", Any]]


class LayerParams:
    """An immutable declaration of one layer: what to build and with which arguments.

    Args:
        ltype: the name of a layer ("linear", "relu", "lstm", …: `muse.models.layers`), an import
            path, or a class or function that returns a torch module.
        weight_init_fn: importable function called on the module once it is built.
        shared: equal shared declarations within one `SequentialParams` or
            `BranchedModuleParams` become one module with one set of weights.
        kwargs: the arguments of the layer.
    """

    __slots__ = ("kwargs", "ltype", "shared", "weight_init_fn")

    ltype: str | Callable[..., Any]
    weight_init_fn: Callable[[Any], Any] | None
    shared: bool
    kwargs: dict[str, Any]

    def __init__(
        self,
        ltype: str | Callable[..., Any],
        weight_init_fn: Callable[[Any], Any] | None = None,
        shared: bool = False,
        **kwargs: Any,
    ) -> None:
        if not isinstance(ltype, str) and not callable(ltype):
            raise ParamError(
                f"LayerParams: ltype is {ltype!r}, expected a layer's name, a class or a function"
            )
        keep = object.__setattr__
        keep(self, "ltype", ltype.lower() if isinstance(ltype, str) and "." not in ltype else ltype)
        keep(self, "weight_init_fn", weight_init_fn)
        keep(self, "shared", shared)
        keep(self, "kwargs", dict(kwargs))

    def _refuse(self, name: str, *value: Any) -> NoReturn:
        raise ParamError(f"cannot change {name!r}: LayerParams are immutable; use with_argument()")

    __setattr__ = __delattr__ = _refuse

    def with_argument(self, name: str, value: Any, allow_new: bool = False) -> LayerParams:
        """Return the declaration with another argument; a new name only if `allow_new`."""
        if name not in self.kwargs and not allow_new:
            raise ParamError(
                f"{self!r} has no argument {name!r}.{suggest(name, self.kwargs)} "
                "Pass allow_new=True to add it"
            )
        return LayerParams(
            self.ltype, self.weight_init_fn, self.shared, **{**self.kwargs, name: value}
        )

    def to_module_list(self, **overrides: Any) -> Any:
        """Build the torch module; needs muse-models unless `ltype` is itself callable.

        Args:
            overrides: arguments in place of, or added to, the declared ones.
        """
        return self.build([], **overrides)

    def build(self, memo: Memo, **overrides: Any) -> Any:
        """`to_module_list` as part of a network whose modules so far are in `memo`."""
        if self.shared:
            for declared, module in memo:
                if declared == self:
                    return module
        module = models_function("muse.models.layers.build.build_layer")(
            self.ltype, **{**self.kwargs, **overrides}
        )
        if self.weight_init_fn is not None:
            self.weight_init_fn(module)
        if self.shared:
            memo.append((self, module))
        return module

    def to_config(self) -> dict[str, Any]:
        """Return JSON-able data."""
        return {
            "ltype": encode(self.ltype),
            "weight_init_fn": encode(self.weight_init_fn),
            "shared": self.shared,
            "kwargs": encode(self.kwargs),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> LayerParams:
        """The inverse of `to_config`."""
        return cls(
            decode(config["ltype"]),
            decode(config["weight_init_fn"]),
            config["shared"],
            **decode(config["kwargs"]),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LayerParams):
            return NotImplemented
        return (self.ltype, self.weight_init_fn, self.shared, _plain(self.kwargs)) == (
            other.ltype,
            other.weight_init_fn,
            other.shared,
            _plain(other.kwargs),
        )

    def __hash__(self) -> int:
        return hash((self.ltype, self.shared, tuple(sorted(self.kwargs))))

    def __reduce__(self) -> Any:
        return rebuild_layer, (self.ltype, self.weight_init_fn, self.shared, self.kwargs)

    def __repr__(self) -> str:
        parts = [repr(self.ltype)]
        if self.weight_init_fn is not None:
            parts.append(f"weight_init_fn={self.weight_init_fn!r}")
        if self.shared:
            parts.append("shared=True")
        parts += [f"{k}={v!r}" for k, v in self.kwargs.items()]
        return f"LayerParams({', '.join(parts)})"


def rebuild_layer(ltype: Any, init_fn: Any, shared: bool, kwargs: dict[str, Any]) -> LayerParams:
    """Make a `LayerParams` from what pickle kept."""
    return LayerParams(ltype, init_fn, shared, **kwargs)


def models_function(path: str) -> Any:
    """Return what muse-models has at an import path; a clear error when it is not installed."""
    try:
        return import_object(path)
    except ConfigError as error:
        missing = error.__cause__
        if isinstance(missing, ModuleNotFoundError) or "no such module" in str(error):
            raise MissingExtraError("building layers", "muse-models", "torch") from error
        raise


def _plain(value: Any) -> Any:
    """Tuples as lists, so that a declaration equals what its JSON gives back."""
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value

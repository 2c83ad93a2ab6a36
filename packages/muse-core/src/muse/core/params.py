"""Parameter declarations: each parameter of a configurable class is declared once.

From the declaration come validation, command-line overrides, `muse resolve`, `-h` and the
reference pages.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from muse.core import types
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, ParamError, suggest

T = TypeVar("T")

#: Keys a config group holds beside its parameters: its class and its part of the experiment name.
BOOKKEEPING_KEYS = ("cls", "exp_name", "extra_exp_name")


class _Required:
    """The default of a parameter that has none."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()


@dataclass(frozen=True)
class Param:
    """One parameter of a configurable class.

    Args:
        name: its name; `a/b` for a nested one.
        type: what one would annotate it with: `int`, `float | None`, `list[str]`, a class, ….
        default: the value when none is given; a parameter without one is required.
        help: one line for `-h` and the reference.
        unit: the physical unit or the thing counted ("m", "steps").
        choices: the only values allowed.
        check: returns None for a good value, else what was expected ("> 0").
    """

    name: str
    type: Any
    default: Any = REQUIRED
    help: str = ""
    unit: str = ""
    choices: tuple[Any, ...] | None = None
    check: Callable[[Any], str | None] | None = None

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @property
    def expected(self) -> str:
        """What a value may be, in words: "int [steps]", "'a' or 'b'"."""
        if self.choices is not None:
            return " or ".join(repr(c) for c in self.choices)
        return types.type_name(self.type) + (f" [{self.unit}]" if self.unit else "")

    def validate(self, value: Any, owner: str) -> Any:
        """Return `value` in the declared type, or raise a `ParamError` that names `owner`."""
        try:
            value = types.coerce(value, self.type)
        except TypeError:
            raise self._error(value, owner, self.expected) from None
        if self.choices is not None and value not in self.choices:
            raise self._error(value, owner, self.expected)
        complaint = self.check(value) if self.check is not None and value is not None else None
        if complaint is not None:
            raise self._error(value, owner, complaint)
        return value

    def parse(self, text: str, owner: str) -> Any:
        """Read a command-line word, then validate it."""
        try:
            value = types.parse(text, self.type)
        except TypeError:
            raise self._error(text, owner, self.expected) from None
        return self.validate(value, owner)

    def _error(self, value: Any, owner: str, expected: str) -> ParamError:
        near = suggest(str(value), map(str, self.choices)) if self.choices else ""
        return ParamError(
            f"{owner}: {self.name}={value!r} is not allowed: expected {expected}.{near}"
        )


def positive(value: float) -> str | None:
    """A `check` for numbers above zero."""
    return None if value > 0 else "a number > 0"


def non_negative(value: float) -> str | None:
    """A `check` for numbers from zero on."""
    return None if value >= 0 else "a number >= 0"


def fraction(value: float) -> str | None:
    """A `check` for numbers from 0 to 1."""
    return None if 0 <= value <= 1 else "a number from 0 to 1"


@runtime_checkable
class Serializable(Protocol):
    """A value other than data, class or function that a config may hold and write as JSON."""

    def to_config(self) -> dict[str, Any]: ...

    @classmethod
    def from_config(cls: type[T], config: dict[str, Any]) -> T: ...


class _DefaultParams:
    """`Class.default_params`: a fresh `AttrDict` of the declared defaults."""

    def __get__(self, instance: object, owner: type[Configurable]) -> AttrDict:
        defaults = AttrDict()
        for param in owner.all_params().values():
            if not param.required:
                defaults[param.name] = _copy(param.default)
        return defaults


class Configurable:
    """A class whose parameters are declared in `declared_params` and validated in one place.

    Declarations add up over the base classes; a subclass that declares a name again replaces it.
    """

    declared_params: ClassVar[tuple[Param, ...]] = ()
    default_params: ClassVar[Any] = _DefaultParams()

    @classmethod
    def all_params(cls) -> dict[str, Param]:
        """Every declaration by name, base classes first."""
        params: dict[str, Param] = {}
        for base in reversed(cls.__mro__):
            for param in vars(base).get("declared_params", ()):
                params[param.name] = param
        return params

    @classmethod
    def extra_params(cls, params: AttrDict) -> dict[str, Param]:
        """Declarations that depend on the given values, such as one group for each sub-model."""
        return {}

    @classmethod
    def resolve_params(cls, params: Mapping[str, Any] | None = None) -> AttrDict:
        """Return `params` validated and completed with the defaults.

        Raises:
            ParamError: for an unknown name, a wrong value or a missing required parameter.
        """
        given = AttrDict() if params is None else AttrDict(params)
        declared = {**cls.all_params(), **cls.extra_params(given)}
        _refuse_unknown(cls.__name__, given, declared)
        resolved = AttrDict()
        for name, param in declared.items():
            if name in given:
                resolved[name] = param.validate(given[name], cls.__name__)
            elif param.required:
                raise ParamError(
                    f"{cls.__name__}: missing required parameter {name!r} "
                    f"({param.expected}{': ' + param.help if param.help else ''})."
                )
            else:
                resolved[name] = _copy(param.default)
        return resolved


def import_object(path: str) -> Any:
    """Return the class or function at a dotted path such as `muse.models.rnn_model.RnnModel`.

    Raises:
        ConfigError: when the module or the name is not there.
    """
    module_name, _, name = path.rpartition(".")
    parts = [name]
    while module_name:
        try:
            target: Any = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if not module_name.startswith(error.name or "\0"):
                raise ConfigError(
                    f"cannot import {path!r}: module {error.name!r} is not installed"
                ) from error
            module_name, _, name = module_name.rpartition(".")
            parts.insert(0, name)
            continue
        return _walk(target, parts, path)
    raise ConfigError(f"cannot import {path!r}: no such module; is its package installed?")


def imported(value: Any) -> Any:
    """Return what `value` names when it is an import path, else `value` itself."""
    return import_object(value) if isinstance(value, str) else value


def object_path(value: Any) -> str:
    """Return the dotted path of a class or function, the inverse of `import_object`.

    Raises:
        ConfigError: for lambdas, closures and other objects that no import can reach.
    """
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not module or not name or "<" in name or module == "__main__":
        raise ConfigError(
            f"{value!r} cannot be named by an import path: use a function or class "
            "defined at the top level of an importable module"
        )
    return f"{module}.{name}"


def instantiate(group: Any, *args: Any, base: type | None = None, **kwargs: Any) -> Any:
    """Build the object a config group describes: `group.cls(params, *args, **kwargs)`.

    Args:
        group: an AttrDict with `cls` (a class or an import path) and its parameters, or an
            object already built, which is returned as it is.
        base: the class the result must be an instance of.
    """
    if not isinstance(group, AttrDict):
        built = group
    else:
        if "cls" not in group:
            raise ConfigError(
                f"a config group needs 'cls', the class to build; this one has {list(group)}"
            )
        cls = imported(group["cls"])
        params = AttrDict((k, v) for k, v in group.items() if k not in BOOKKEEPING_KEYS)
        built = cls(params, *args, **kwargs)
    if base is not None and not isinstance(built, base):
        raise ConfigError(f"expected a {base.__name__}, got a {type(built).__name__}")
    return built


def _refuse_unknown(owner: str, given: AttrDict, declared: dict[str, Param]) -> None:
    for name, value in given.items():
        if name in BOOKKEEPING_KEYS or name in declared:
            continue
        nested = [d for d in declared if d.startswith(name + "/")]
        if nested and isinstance(value, AttrDict):
            for leaf in value.leaf_keys():
                path = f"{name}/{leaf}"
                if not any(path == d or path.startswith(d + "/") for d in nested):
                    raise _unknown(owner, path, declared)
            continue
        raise _unknown(owner, name, declared)


def _unknown(owner: str, name: str, declared: dict[str, Param]) -> ParamError:
    near = suggest(name, declared) or f" It has: {', '.join(sorted(declared)) or 'no parameters'}."
    return ParamError(f"{owner}: unknown parameter {name!r}.{near}")


def _walk(target: Any, parts: list[str], path: str) -> Any:
    for part in parts:
        if not hasattr(target, part):
            where = getattr(target, "__name__", repr(target))
            raise ConfigError(
                f"cannot import {path!r}: {where!r} has no {part!r}.{suggest(part, dir(target))}"
            )
        target = getattr(target, part)
    return target


def _copy(value: Any) -> Any:
    """A copy of a default that its user may change without changing the declaration."""
    if isinstance(value, AttrDict):
        return value.copy()
    return list(value) if type(value) is list else dict(value) if type(value) is dict else value

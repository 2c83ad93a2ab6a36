# ruff: noqa: F401 (the imports under TYPE_CHECKING are handed on by `__getattr__`)
"""The contracts that every Muse package shares: AttrDict, Param, EnvSpec, Policy, errors.

Names are handed on when first asked for, so that `import muse.core` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muse.core.attrdict import AttrDict, is_array
    from muse.core.attrdict_convert import from_tensordict, register_pytree, to_tensordict
    from muse.core.attrdict_helpers import (
        get_cls_param_instance,
        get_or_instantiate_cls,
        get_required,
        get_with_default,
    )
    from muse.core.contracts import Dataset, Env, Model, Sampler, Writer
    from muse.core.errors import (
        CheckpointError,
        ConfigError,
        DataError,
        EnvError,
        MissingExtraError,
        MissingKeyError,
        MuseError,
        ParamError,
        SpecError,
        UsageError,
        suggest,
    )
    from muse.core.params import Configurable, Param, import_object, instantiate
    from muse.core.policy import Policy
    from muse.core.spec import BiModalParamEnvSpec, EnvSpec, ParamEnvSpec, Spec

_HOMES = {
    "attrdict": ("AttrDict", "is_array"),
    "attrdict_convert": ("from_tensordict", "register_pytree", "to_tensordict"),
    "attrdict_helpers": (
        "get_cls_param_instance",
        "get_or_instantiate_cls",
        "get_required",
        "get_with_default",
    ),
    "contracts": ("Dataset", "Env", "Model", "Sampler", "Writer"),
    "spec": ("BiModalParamEnvSpec", "EnvSpec", "ParamEnvSpec", "Spec"),
    "errors": (
        "CheckpointError",
        "ConfigError",
        "DataError",
        "EnvError",
        "MissingExtraError",
        "MissingKeyError",
        "MuseError",
        "ParamError",
        "SpecError",
        "UsageError",
        "suggest",
    ),
    "params": ("Configurable", "Param", "import_object", "instantiate"),
    "policy": ("Policy",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 (a list of strings, made from the table above)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

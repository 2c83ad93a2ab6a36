"""The contracts that every Muse package shares: AttrDict, Param, EnvSpec, Policy, errors.

Names are handed on when first asked for, so that `import muse.core` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.core.attrdict import AttrDict as AttrDict
    from muse.core.attrdict import is_array as is_array
    from muse.core.attrdict_convert import from_tensordict as from_tensordict
    from muse.core.attrdict_convert import register_pytree as register_pytree
    from muse.core.attrdict_convert import to_tensordict as to_tensordict
    from muse.core.attrdict_helpers import get_cls_param_instance as get_cls_param_instance
    from muse.core.attrdict_helpers import get_or_instantiate_cls as get_or_instantiate_cls
    from muse.core.attrdict_helpers import get_required as get_required
    from muse.core.attrdict_helpers import get_with_default as get_with_default
    from muse.core.contracts import Dataset as Dataset
    from muse.core.contracts import Env as Env
    from muse.core.contracts import Model as Model
    from muse.core.contracts import Sampler as Sampler
    from muse.core.contracts import Writer as Writer
    from muse.core.errors import CheckpointError as CheckpointError
    from muse.core.errors import ConfigError as ConfigError
    from muse.core.errors import DataError as DataError
    from muse.core.errors import EnvError as EnvError
    from muse.core.errors import MissingExtraError as MissingExtraError
    from muse.core.errors import MissingKeyError as MissingKeyError
    from muse.core.errors import MuseError as MuseError
    from muse.core.errors import ParamError as ParamError
    from muse.core.errors import SpecError as SpecError
    from muse.core.errors import UsageError as UsageError
    from muse.core.errors import suggest as suggest
    from muse.core.params import Configurable as Configurable
    from muse.core.params import Param as Param
    from muse.core.params import import_object as import_object
    from muse.core.params import instantiate as instantiate
    from muse.core.policy import Policy as Policy
    from muse.core.spec import BiModalParamEnvSpec as BiModalParamEnvSpec
    from muse.core.spec import EnvSpec as EnvSpec
    from muse.core.spec import ParamEnvSpec as ParamEnvSpec
    from muse.core.spec import Spec as Spec

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "attrdict": ("AttrDict", "is_array"),
        "attrdict_convert": ("from_tensordict", "register_pytree", "to_tensordict"),
        "attrdict_helpers": (
            "get_cls_param_instance",
            "get_or_instantiate_cls",
            "get_required",
            "get_with_default",
        ),
        "contracts": ("Dataset", "Env", "Model", "Sampler", "Writer"),
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
        "spec": ("BiModalParamEnvSpec", "EnvSpec", "ParamEnvSpec", "Spec"),
    },
)

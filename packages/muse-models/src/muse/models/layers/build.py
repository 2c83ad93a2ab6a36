"""From the name of a layer to the module: the one table of names, and building by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any

from torch import nn

from muse.core.errors import ConfigError, MuseError, ParamError, suggest
from muse.core.params import import_object
from muse.utils.param_utils import LayerParams, SequentialParams

#: Name -> import path of what builds it. Nothing of this is imported before it is asked for.
BUILTIN_LAYERS = MappingProxyType(
    {
        "relu": "torch.nn.ReLU",
        "elu": "torch.nn.ELU",
        "gelu": "torch.nn.GELU",
        "silu": "torch.nn.SiLU",
        "mish": "torch.nn.Mish",
        "sigmoid": "torch.nn.Sigmoid",
        "tanh": "torch.nn.Tanh",
        "softmax": "torch.nn.Softmax",
        "softmax2d": "torch.nn.Softmax2d",
        "leakyrelu": "torch.nn.LeakyReLU",
        "none": "torch.nn.Identity",
        "empty": "torch.nn.Identity",
        "linear": "torch.nn.Linear",
        "residual_linear": "muse.models.layers.linear.ResidualLinear",
        "mask_linear": "muse.models.layers.linear.MaskedLinear",
        "conv1d": "torch.nn.Conv1d",
        "conv2d": "torch.nn.Conv2d",
        "conv3d": "torch.nn.Conv3d",
        "convtranspose1d": "torch.nn.ConvTranspose1d",
        "convtranspose2d": "torch.nn.ConvTranspose2d",
        "batchnorm2d": "torch.nn.BatchNorm2d",
        "groupnorm": "torch.nn.GroupNorm",
        "layernorm": "torch.nn.LayerNorm",
        "dropout": "torch.nn.Dropout",
        "dropout2d": "torch.nn.Dropout2d",
        "dropout3d": "torch.nn.Dropout3d",
        "avg_pool_1d": "torch.nn.AvgPool1d",
        "avg_pool_2d": "torch.nn.AvgPool2d",
        "avg_pool_3d": "torch.nn.AvgPool3d",
        "max_pool_1d": "torch.nn.MaxPool1d",
        "max_pool_2d": "torch.nn.MaxPool2d",
        "max_pool_3d": "torch.nn.MaxPool3d",
        "lp_pool_1d": "torch.nn.LPPool1d",
        "lp_pool_2d": "torch.nn.LPPool2d",
        "flatten": "torch.nn.Flatten",
        "lstm": "muse.models.layers.recurrent.build_lstm",
        "gru": "muse.models.layers.recurrent.build_gru",
        "rnn": "muse.models.layers.recurrent.build_rnn",
        "reshape": "muse.models.layers.reshape.Reshape",
        "split_dim": "muse.models.layers.reshape.SplitDim",
        "combine_dim": "muse.models.layers.reshape.CombineDim",
        "permute": "muse.models.layers.reshape.Permute",
        "list_select": "muse.models.layers.reshape.ListSelect",
        "list_from_dim": "muse.models.layers.reshape.ListFromDim",
        "list_concat": "muse.models.layers.reshape.ListConcat",
        "functional": "muse.models.layers.reshape.Functional",
        "extract_keys": "muse.models.layers.reshape.ExtractKeys",
        "spatial_softmax": "muse.models.vision.spatial_softmax.SpatialSoftmax",
        "vision_core": "muse.models.vision.core.VisionCore",
        "resnet18": "muse.models.vision.resnet.resnet18",
        "resnet34": "muse.models.vision.resnet.resnet34",
        "resnet50": "muse.models.vision.resnet.resnet50",
        "gaussian_dist_cap": "muse.models.dist.gaussian.GaussianHead",
        "squashed_gaussian_dist_cap": "muse.models.dist.gaussian.SquashedGaussianHead",
        "mixed_dist_cap": "muse.models.dist.mixture.GaussianMixtureHead",
        "categorical_dist_cap": "muse.models.dist.categorical.CategoricalHead",
    }
)

_registered: dict[str, Callable[..., nn.Module]] = {}


def register_layer(name: str, builder: Callable[..., nn.Module]) -> None:
    """Make `builder(**arguments)` known by `name` in layer declarations of this process.

    A class or an import path may stand in a declaration without being registered; use this for
    a short name of one's own.

    Raises:
        ConfigError: when the name is taken by another builder.
    """
    name = name.lower()
    if name in BUILTIN_LAYERS or _registered.get(name, builder) is not builder:
        raise ConfigError(f"layer name {name!r} is taken; choose another")
    _registered[name] = builder


def layer_names() -> list[str]:
    """Every name a declaration may use."""
    return sorted({*BUILTIN_LAYERS, *_registered})


def build_layer(ltype: str | Callable[..., Any], **arguments: Any) -> nn.Module:
    """Build one layer.

    Args:
        ltype: a name of `layer_names()`, an import path, a class or a function.

    Raises:
        ConfigError: for a name nobody knows; ParamError: for arguments the layer does not take.
    """
    builder = ltype if callable(ltype) else _builder_of(ltype)
    name = ltype if isinstance(ltype, str) else getattr(ltype, "__name__", repr(ltype))
    try:
        module = builder(**arguments)
    except MuseError:
        raise
    except (TypeError, ValueError) as error:
        raise ParamError(f"layer {name!r}: {error} (arguments given: {arguments})") from error
    if not isinstance(module, nn.Module):
        raise ConfigError(
            f"layer {name!r} built a {type(module).__name__}, expected a torch module"
        )
    return module


def build_network(declared: Any) -> nn.Module:
    """Build a declaration: `LayerParams`, `SequentialParams`, a list of them, or a module.

    A list becomes an `nn.Sequential`.
    """
    if isinstance(declared, nn.Module):
        return declared
    if isinstance(declared, (list, tuple)):
        if all(isinstance(one, LayerParams) for one in declared):
            return SequentialParams(declared).to_module_list()
        return nn.Sequential(*map(build_network, declared))
    if isinstance(declared, str):
        return build_layer(declared)
    if hasattr(declared, "to_module_list"):
        return declared.to_module_list()
    raise ConfigError(
        f"cannot build a network from {declared!r}: expected LayerParams, SequentialParams, a list "
        "of them, the name of a layer, or a torch module"
    )


def build_all(declared: Iterable[Any]) -> list[nn.Module]:
    """Build each of several declarations."""
    return [build_network(one) for one in declared]


def _builder_of(name: str) -> Callable[..., Any]:
    if name.lower() in _registered:
        return _registered[name.lower()]
    if name.lower() in BUILTIN_LAYERS:
        return import_object(BUILTIN_LAYERS[name.lower()])
    if "." in name:
        return import_object(name)
    raise ConfigError(f"unknown layer {name!r}.{suggest(name, layer_names())}")

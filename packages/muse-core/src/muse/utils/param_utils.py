"""Layers and networks declared without torch; muse-models builds them.

>>> build_mlp_param_list(4, [32, 2])
[LayerParams("linear", in_features=4, …), LayerParams("relu"), LayerParams("linear", …)]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muse.core.errors import ParamError
from muse.utils.layer_params import LayerParams
from muse.utils.network_params import BranchedModuleParams, SequentialParams

__all__ = [
    "BranchedModuleParams",
    "LayerParams",
    "SequentialParams",
    "add_dist_cap",
    "build_conv2d_param_list",
    "build_mlp_param_list",
    "get_dist_cap",
    "get_dist_out_size",
]


def build_mlp_param_list(
    in_features: int,
    layer_out_sizes: Sequence[int],
    activation: str | None = "relu",
    out_bias: bool = True,
    mask_chunks: int = 1,
    mask_layer_in_sizes: Sequence[Sequence[int]] | None = None,
    residual: bool | Sequence[bool] | None = None,
    dropout_p: float = 0.0,
) -> list[LayerParams]:
    """Declare a perceptron: linear layers with activation (and dropout) between them.

    Args:
        in_features: size of the input.
        layer_out_sizes: output size of each layer; the last has no activation.
        activation: name of the activation; None or "none" for none.
        out_bias: whether the last layer has a bias.
        mask_chunks: above 1, layers are masked: output chunk i sees only input chunks up to i.
        mask_layer_in_sizes: for each layer the sizes of its `mask_chunks` input chunks; None:
            equal ones.
        residual: which layers add their input to their output; True: all of equal in and out size.
        dropout_p: probability of dropping a hidden value.
    """
    sizes = [in_features, *layer_out_sizes]
    if len(sizes) < 2 or any(size < 1 for size in sizes):
        raise ParamError(
            f"build_mlp_param_list: sizes are {sizes}, expected an input and at least one layer, "
            "all positive"
        )
    count = len(sizes) - 1
    is_residual = _residual_layers(sizes, residual)
    chunks = _mask_sizes(count, mask_chunks, mask_layer_in_sizes)
    layers: list[LayerParams] = []
    for i in range(count):
        last = i == count - 1
        shape: dict[str, Any] = {"in_features": sizes[i], "out_features": sizes[i + 1]}
        shape["bias"] = out_bias or not last
        if mask_chunks > 1:
            if is_residual[i]:
                raise ParamError(f"build_mlp_param_list: layer {i} cannot be masked and residual")
            shape |= {"mask_chunks": mask_chunks, "in_sizes": chunks[i], "out_sizes": chunks[i + 1]}
            layers.append(LayerParams("mask_linear", **shape))
        else:
            layers.append(LayerParams("residual_linear" if is_residual[i] else "linear", **shape))
        if not last:
            layers += _between(activation, dropout_p, "dropout")
    return layers


def build_conv2d_param_list(
    in_channels: int,
    out_channels: Sequence[int],
    kernel_sizes: int | Sequence[int],
    strides: int | Sequence[int] = 1,
    paddings: int | Sequence[int] = 0,
    activation: str | None = "relu",
    dropout_p: float = 0.0,
    truncate_last: bool = True,
) -> list[LayerParams]:
    """Declare a convolutional network on (B, C, H, W): convolution, batch norm, activation
    (and dropout) a layer.

    Args:
        in_channels: C of the input.
        out_channels: C after each layer.
        kernel_sizes, strides, paddings: one number for all layers, or one each.
        truncate_last: the last layer is its convolution alone.
    """
    count = len(out_channels)
    if not count:
        raise ParamError("build_conv2d_param_list: got no out_channels, expected at least one")
    kernels = _per_layer("kernel_sizes", kernel_sizes, count)
    steps = _per_layer("strides", strides, count)
    pads = _per_layer("paddings", paddings, count)
    channels = [in_channels, *out_channels]
    layers: list[LayerParams] = []
    for i in range(count):
        layers.append(
            LayerParams(
                "conv2d",
                in_channels=channels[i],
                out_channels=channels[i + 1],
                kernel_size=kernels[i],
                stride=steps[i],
                padding=pads[i],
            )
        )
        if not (truncate_last and i == count - 1):
            layers.append(LayerParams("batchnorm2d", num_features=channels[i + 1]))
            layers += _between(activation, dropout_p, "dropout2d")
    return layers


def get_dist_out_size(dim: int, prob: bool, num_mix: int = 1) -> int:
    """Raw numbers a network gives for `dim` values: dim, 2 dim (mean and deviation), or for a
    mixture (2 dim + 1) num_mix."""
    if not prob:
        return dim
    return 2 * dim if num_mix <= 1 else (2 * dim + 1) * num_mix


def get_dist_cap(
    dim: int,
    prob: bool,
    use_tanh_out: bool,
    num_mix: int = 1,
    sig_min: float = 1e-5,
    sig_max: float = 1e5,
) -> LayerParams:
    """Declare what turns `get_dist_out_size` raw numbers into a value or a distribution.

    Args:
        dim: size of the variable.
        prob: a Gaussian, or for `num_mix` > 1 a mixture; else just the value.
        use_tanh_out: bound the value (or the means) to (-1, 1).
        sig_min, sig_max: bounds of the standard deviation.
    """
    if not prob:
        return LayerParams("tanh" if use_tanh_out else "empty")
    bounds: dict[str, Any] = {"sig_min": sig_min, "sig_max": sig_max}
    if num_mix <= 1:
        return LayerParams("gaussian_dist_cap", dim=dim, use_tanh_mean=use_tanh_out, **bounds)
    return LayerParams(
        "mixed_dist_cap", dim=dim, num_mix=num_mix, use_tanh_mean=use_tanh_out, **bounds
    )


def add_dist_cap(layers: Sequence[LayerParams], cap: LayerParams) -> SequentialParams:
    """Declare a network that ends in a cap of `get_dist_cap`."""
    return SequentialParams([*layers, cap])


def _between(activation: str | None, dropout_p: float, dropout: str) -> list[LayerParams]:
    """What follows a layer that is not the last."""
    out = [] if activation in (None, "none") else [LayerParams(activation)]
    return out + ([LayerParams(dropout, p=dropout_p)] if dropout_p > 0 else [])


def _residual_layers(sizes: Sequence[int], residual: bool | Sequence[bool] | None) -> list[bool]:
    fits = [a == b for a, b in zip(sizes, sizes[1:], strict=False)]
    if residual is None or isinstance(residual, bool):
        return [bool(residual) and fit for fit in fits]
    if len(residual) != len(fits):
        raise ParamError(
            f"build_mlp_param_list: residual has {len(residual)} entries for {len(fits)} layers"
        )
    for i, (wanted, fit) in enumerate(zip(residual, fits, strict=True)):
        if wanted and not fit:
            raise ParamError(
                f"build_mlp_param_list: layer {i} maps {sizes[i]} to {sizes[i + 1]}, "
                "expected equal sizes for a residual layer"
            )
    return list(residual)


def _mask_sizes(
    count: int, chunks: int, layer_in_sizes: Sequence[Sequence[int]] | None
) -> list[list[int] | None]:
    """Chunk sizes before each layer, and after the last (equal ones)."""
    if layer_in_sizes is None:
        return [None] * (count + 1)
    if chunks <= 1:
        raise ParamError("build_mlp_param_list: mask_layer_in_sizes needs mask_chunks > 1")
    if len(layer_in_sizes) != count or any(len(s) != chunks for s in layer_in_sizes):
        raise ParamError(
            f"build_mlp_param_list: mask_layer_in_sizes is {layer_in_sizes}, expected "
            f"{count} lists of {chunks} sizes"
        )
    return [*(list(s) for s in layer_in_sizes), None]


def _per_layer(name: str, value: int | Sequence[int], count: int) -> list[int]:
    values = [value] * count if isinstance(value, int) else list(value)
    if len(values) != count:
        raise ParamError(
            f"build_conv2d_param_list: {name} has {len(values)} entries for {count} layers"
        )
    return values

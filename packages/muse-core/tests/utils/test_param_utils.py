# ruff: noqa: S301 (what is pickled here was made here)
import json
import pickle

import pytest

from muse.core import ParamError
from muse.utils.param_utils import (
    BranchedModuleParams,
    LayerParams,
    SequentialParams,
    build_conv2d_param_list,
    build_mlp_param_list,
    get_dist_cap,
    get_dist_out_size,
)


def init_weights(module):
    """An importable function to name in a declaration."""


def types(layers):
    return [layer.ltype for layer in layers]


def test_mlp():
    layers = build_mlp_param_list(4, [8, 8, 2], activation="elu", out_bias=False, dropout_p=0.1)
    assert types(layers) == ["linear", "elu", "dropout", "linear", "elu", "dropout", "linear"]
    assert [x.kwargs["bias"] for x in layers if x.ltype == "linear"] == [True, True, False]
    assert layers[3].kwargs["in_features"] == 8 and layers[-1].kwargs["out_features"] == 2
    assert types(build_mlp_param_list(4, [2])) == ["linear"]
    assert types(build_mlp_param_list(4, [4, 2], activation=None)) == ["linear", "linear"]
    residual = build_mlp_param_list(4, [8, 8], residual=True, activation="none")
    assert types(residual) == ["linear", "residual_linear"]
    masked = build_mlp_param_list(4, [6], mask_chunks=2, mask_layer_in_sizes=[[1, 3]])
    assert masked[0].ltype == "mask_linear" and masked[0].kwargs["in_sizes"] == [1, 3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"layer_out_sizes": []}, "at least one layer"),
        ({"layer_out_sizes": [0]}, "all positive"),
        ({"layer_out_sizes": [8], "residual": [True]}, "layer 0 maps 4 to 8"),
        ({"layer_out_sizes": [8], "residual": [True, False]}, "2 entries for 1 layers"),
        ({"layer_out_sizes": [8], "mask_layer_in_sizes": [[4]]}, "mask_chunks > 1"),
        ({"layer_out_sizes": [4], "mask_chunks": 2, "residual": True}, "masked and residual"),
    ],
)
def test_impossible_mlps_are_refused(arguments, words):
    with pytest.raises(ParamError, match=words):
        build_mlp_param_list(4, **arguments)


def test_conv2d():
    layers = build_conv2d_param_list(3, [8, 16], 3, [2, 1], 1, dropout_p=0.2)
    assert types(layers) == ["conv2d", "batchnorm2d", "relu", "dropout2d", "conv2d"]
    assert layers[4].kwargs == {
        "in_channels": 8,
        "out_channels": 16,
        "kernel_size": 3,
        "stride": 1,
        "padding": 1,
    }
    assert types(build_conv2d_param_list(3, [8], 3, truncate_last=False)) == [
        "conv2d",
        "batchnorm2d",
        "relu",
    ]
    with pytest.raises(ParamError, match="strides has 1 entries for 2 layers"):
        build_conv2d_param_list(3, [8, 16], 3, [2])


def test_distribution_sizes_and_caps():
    assert get_dist_out_size(3, False, 5) == 3
    assert get_dist_out_size(3, True) == 6
    assert get_dist_out_size(3, True, 5) == 35
    assert get_dist_cap(3, False, True) == LayerParams("tanh")
    assert get_dist_cap(3, False, False) == LayerParams("empty")
    assert get_dist_cap(3, True, False).ltype == "gaussian_dist_cap"
    assert get_dist_cap(3, True, False, num_mix=5).kwargs["num_mix"] == 5


def test_declarations_are_immutable_values():
    layer = LayerParams("Linear", in_features=3, out_features=2)
    assert layer == LayerParams("linear", in_features=3, out_features=2)
    assert layer != LayerParams("linear", in_features=3, out_features=4)
    assert hash(layer) == hash(LayerParams("linear", in_features=3, out_features=2))
    with pytest.raises(ParamError, match="immutable"):
        layer.ltype = "conv2d"
    wider = layer.with_argument("out_features", 9)
    assert wider.kwargs["out_features"] == 9 and layer.kwargs["out_features"] == 2
    with pytest.raises(ParamError, match="Did you mean 'out_features'"):
        layer.with_argument("out_feature", 9)
    assert layer.with_argument("bias", False, allow_new=True).kwargs["bias"] is False
    with pytest.raises(ParamError, match="ltype is 3"):
        LayerParams(3)
    with pytest.raises(ParamError, match="expected LayerParams"):
        SequentialParams(["linear"])


def declarations():
    mlp = SequentialParams(build_mlp_param_list(4, [8, 2]))
    init = LayerParams("linear", init_weights, True, in_features=2, out_features=2)
    named = LayerParams(SequentialParams, inner=LayerParams("relu"), fn=init_weights, sizes=(1, 2))
    branched = BranchedModuleParams(
        {"b": mlp, "a": init}, cat_dim=-1, split_dim=-1, split_sizes=[4, 2]
    )
    return [init, named, mlp, branched, SequentialParams([mlp, branched])]


@pytest.mark.parametrize("declared", declarations(), ids=lambda d: type(d).__name__)
def test_declarations_survive_json_and_pickle(declared):
    text = json.dumps(declared.to_config(), allow_nan=False)
    assert type(declared).from_config(json.loads(text)) == declared
    assert pickle.loads(pickle.dumps(declared)) == declared

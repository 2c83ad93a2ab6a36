"""Layers declared in muse-core without torch, built by muse-models."""

import torch

from muse.utils.param_utils import (
    BranchedModuleParams,
    LayerParams,
    SequentialParams,
    add_dist_cap,
    build_mlp_param_list,
    get_dist_cap,
)


def test_modules_are_built():
    layers = build_mlp_param_list(4, [8, 3])
    net = SequentialParams(layers).to_module_list()
    assert net(torch.zeros(2, 4)).shape == (2, 3)
    assert len(SequentialParams(layers).to_module_list(as_sequential=False)) == 3
    assert len(add_dist_cap(layers, get_dist_cap(3, False, True)).to_module_list()) == 4
    built = LayerParams("linear", zero_bias, in_features=2, out_features=1)
    assert built.to_module_list(out_features=5).bias.tolist() == [0] * 5


def zero_bias(module):
    module.bias.data.zero_()


def test_shared_layers_are_shared_within_one_network_only():
    shared = LayerParams("linear", shared=True, in_features=2, out_features=2)
    net = SequentialParams([shared, LayerParams("relu"), shared])
    first, second = net.to_module_list(), net.to_module_list()
    assert first[0] is first[2] and first[0] is not second[0]
    apart = LayerParams("linear", in_features=2, out_features=2)
    modules = SequentialParams([apart, apart]).to_module_list()
    assert modules[0] is not modules[1]


def test_branches_split_and_concatenate():
    keep = LayerParams("none")
    x = torch.arange(6.0).reshape(1, 6)
    same = BranchedModuleParams({"a": keep, "b": keep}, -1, -1, [4, 2]).to_module_list()
    assert torch.equal(same(x), x)
    named = BranchedModuleParams({"a": keep, "b": keep}).to_module_list()(x)
    assert torch.equal(named.a, x) and torch.equal(named.b, x)

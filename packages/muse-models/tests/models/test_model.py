from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils import _pytree as pytree

from muse.core.attrdict import AttrDict
from muse.core.errors import CheckpointError, ConfigError, DataError, ParamError, SpecError
from muse.metrics import ExtractMetric
from muse.models import BasicModel, DefaultMLPModel, FunctionModel, Model
from muse.models.layers import build_network, layer_names, register_layer
from muse.models.testing import ContractError, check_model
from muse.utils.param_utils import LayerParams, build_mlp_param_list


def take_pos(model, inputs):
    return AttrDict(out=inputs["pos"])


def double_pos(inputs):
    return inputs & AttrDict(pos=inputs["pos"] * 2)


def add_one(inputs, out):
    return AttrDict(out=out["out"] + 1)


def first_loss(model, out, inputs, outputs, power=2):
    return (out["out"] ** power).mean()


def mlp(spec, dataset=None, **params):
    base = AttrDict(model_inputs=["pos", "pose", "grip"], model_output="action", mlp_size=16)
    return DefaultMLPModel(base & AttrDict(params), spec, dataset)


def test_empty_model_runs():
    model = Model(AttrDict(ignore_inputs=True))
    assert len(model.forward()) == 0
    assert len(model(AttrDict(x=torch.zeros(1)))) == 0
    assert model.device.type == "cpu"


def test_a_model_needs_a_spec():
    with pytest.raises(ParamError, match="env_spec is None"):
        Model(AttrDict())


def test_unknown_parameter_is_refused(spec):
    with pytest.raises(ParamError, match="mlp_size"):
        mlp(spec, mlp_siz=3)


def test_bad_device(spec):
    with pytest.raises(ParamError, match="not a device"):
        Model(AttrDict(device="nowhere"), spec)


def test_statistics_come_from_the_training_data_alone(spec, dataset):
    model = mlp(spec, dataset, normalize_inputs=True)
    with pytest.raises(DataError, match="no statistics for 'pos'"):
        model.normalize_by_statistics(AttrDict(pos=torch.zeros(1, 1, 2)), ["pos"])
    dd = model.load_statistics()
    assert dataset.asked == [["pos", "pose", "grip"]]
    # what was computed before is not asked for again
    model.load_statistics(dd)
    assert len(dataset.asked) == 1
    with pytest.raises(DataError, match="dataset_train"):
        mlp(spec, None, normalize_inputs=True).load_statistics()


def test_gaussian_and_minmax_and_inverse(spec, dataset):
    model = Model(
        AttrDict(
            save_normalization_inputs=["pos", "target"],
            minmax_normalization_inputs=["target"],
            normalize_sigma=2.0,
        ),
        spec,
        dataset,
    )
    model.load_statistics()
    x = AttrDict(pos=torch.tensor([[[1.0, 5.0]]]), target=torch.tensor([[[0.0, 512.0]]]))
    out = model.normalize_by_statistics(x, ["pos", "target"])
    assert torch.allclose(out.pos, torch.tensor([0.0, 1.0]))
    assert torch.allclose(out.target, torch.tensor([-1.0, 1.0]))
    back = model.normalize_by_statistics(out, ["pos", "target"], inverse=True)
    assert torch.allclose(back.pos, x.pos) and torch.allclose(back.target, x.target)
    assert x.pos[0, 0, 0] == 1.0  # the input is left alone


def test_constant_names_are_shifted_only(spec):
    class Constant:
        def get_statistics(self, names):
            one = AttrDict(mean=[3, 3], std=[0, 0], min=[3, 3], max=[3, 3])
            return AttrDict(dict.fromkeys(names, one))

    for mode in ("gaussian", "minmax"):
        params = AttrDict(save_normalization_inputs=["pos"], normalization_mode=mode)
        model = Model(params, spec, Constant())
        model.load_statistics()
        out = model.normalize_by_statistics(AttrDict(pos=torch.full((1, 1, 2), 3.5)), ["pos"])
        assert torch.allclose(out.pos, torch.tensor(0.5))


def test_non_finite_statistics_are_refused(spec):
    class Broken:
        def get_statistics(self, names):
            bad = AttrDict(mean=[np.nan, 0], std=[1, 1], min=[0, 0], max=[1, 1])
            return AttrDict(dict.fromkeys(names, bad))

    with pytest.raises(DataError, match="'pos': mean is not finite"):
        Model(AttrDict(save_normalization_inputs=["pos"]), spec, Broken()).load_statistics()


def test_statistics_of_another_shape_are_refused(spec):
    class Wrong:
        def get_statistics(self, names):
            bad = AttrDict(mean=[0, 0, 0], std=[1] * 3, min=[0] * 3, max=[1] * 3)
            return AttrDict(dict.fromkeys(names, bad))

    with pytest.raises(DataError, match=r"shape \(3,\), the spec says \(2,\)"):
        Model(AttrDict(save_normalization_inputs=["pos"]), spec, Wrong()).load_statistics()


def test_images_cannot_be_normalised(tools):
    spec = tools.make_spec(observation_names=["pos", "image"])
    params = AttrDict(normalize_inputs=True, normalization_inputs=["image"])
    with pytest.raises(SpecError, match="'image'"):
        Model(params, spec)
    assert list(Model(AttrDict(normalize_inputs=True), spec).normalizer.names) == ["pos"]


def test_statistics_travel_in_the_state_dict(spec, dataset):
    first = mlp(spec, dataset, normalize_inputs=True)
    first.load_statistics()
    second = mlp(spec, None, normalize_inputs=True)
    assert second.restore_from_checkpoint({"model": first.state_dict(), "step": 3}) == []
    x = AttrDict(pos=torch.rand(2, 4, 2), pose=torch.rand(2, 4, 2, 3), grip=torch.rand(2, 4))
    assert torch.equal(first(x).action, second(x).action)


def test_strict_restore_names_the_keys(spec):
    model = mlp(spec)
    state = model.state_dict()
    with pytest.raises(CheckpointError, match="unexpected: extra"):
        model.restore_from_checkpoint({**state, "extra": torch.zeros(1)})
    lost = {k: v for k, v in state.items() if k != "net.0.weight"}
    with pytest.raises(CheckpointError, match=r"missing: net\.0\.weight"):
        model.restore_from_checkpoint(lost)
    with pytest.raises(CheckpointError, match=r"net\.0\.bias \(3,\) for \(16,\)"):
        model.restore_from_checkpoint({**state, "net.0.bias": torch.zeros(3)})
    assert model.restore_from_checkpoint(lost, strict=False) == ["net.0.weight"]
    with pytest.raises(CheckpointError, match="expected a state dict"):
        model.restore_from_checkpoint({"model": 3})


def test_a_refused_restore_changes_nothing(spec):
    model = mlp(spec)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    wrong = {k: v + 1 for k, v in before.items()} | {"extra": torch.zeros(1)}
    with pytest.raises(CheckpointError):
        model.restore_from_checkpoint(wrong)
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_pre_and_postprocessing(spec):
    model = FunctionModel(
        AttrDict(forward_fn=take_pos, preproc_fn=double_pos, postproc_fn=add_one), spec
    )
    x = AttrDict(pos=torch.ones(1, 1, 2))
    assert model(x).out[0, 0, 0] == 3
    assert model(x, preproc=False).out[0, 0, 0] == 2
    assert model(x, postproc=False).out[0, 0, 0] == 2


def test_loss_by_function_or_partial(spec):
    x = AttrDict(pos=torch.full((1, 1, 2), 2.0))
    by_fn = FunctionModel(AttrDict(forward_fn=take_pos, loss_fn=first_loss), spec)
    assert by_fn.loss(x, AttrDict()).loss == 4
    cubed = functools.partial(first_loss, power=3)
    assert (
        FunctionModel(AttrDict(forward_fn=take_pos, loss_fn=cubed), spec).loss(x, AttrDict()).loss
        == 8
    )


def test_loss_is_the_sum_of_any_number_of_metrics(spec):
    x = AttrDict(pos=torch.full((2, 3, 2), 2.0))
    for count in (1, 2, 3):
        metrics = [
            ExtractMetric(AttrDict(name=f"m{i}", key="out", source="model_outputs"))
            for i in range(count)
        ]
        model = FunctionModel(AttrDict(forward_fn=take_pos, metrics=metrics), spec)
        result = model.loss(x, AttrDict())
        assert result.loss == 2 * count
        assert set(result) == {"loss", *(f"m{i}" for i in range(count))}
    with pytest.raises(ConfigError, match="no loss"):
        FunctionModel(AttrDict(forward_fn=take_pos), spec).loss(x, AttrDict())


@pytest.mark.parametrize("separate,shared", [(False, True), (True, True), (True, False)])
def test_basic_model_shapes(spec, separate, shared):
    size = 2 if separate else 4
    model = BasicModel(
        AttrDict(
            model_inputs=["pos", "other"],
            model_output="out",
            network=build_mlp_param_list(size, [8, 5]),
            call_separate=separate,
            use_shared_params=shared,
        ),
        spec,
    )
    x = AttrDict(pos=torch.rand(3, 4, 2), other=torch.rand(3, 4, 1, 2))
    assert model(x).out.shape == (3, 4, 10 if separate else 5)
    linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
    assert len(linear) == (4 if separate and not shared else 2)


def test_mlp_flattens_by_the_spec(spec, batch):
    model = mlp(spec)
    assert model(batch[0]).action.shape == (3, 6, 3)
    # without a horizon, too
    first = (batch[0] > ["pos", "pose", "grip"]).leaf_apply(lambda v: v[:, 0])
    assert torch.allclose(model(first).action, model(batch[0]).action[:, 0], atol=1e-6)


def test_unknown_forward_keyword(spec, batch):
    with pytest.raises(TypeError, match="hiden"):
        mlp(spec)(batch[0], hiden=3)


def test_register_layer(spec):
    def thrice(size: int) -> nn.Module:
        return nn.Linear(size, 3 * size)

    register_layer("thrice_for_test", thrice)
    register_layer("thrice_for_test", thrice)
    assert "thrice_for_test" in layer_names()
    net = build_network([LayerParams("thrice_for_test", size=2), LayerParams("relu")])
    assert net(torch.zeros(1, 2)).shape == (1, 6)
    with pytest.raises(ConfigError, match="taken"):
        register_layer("linear", thrice)
    with pytest.raises(ConfigError, match="Did you mean 'linear'"):
        build_network(LayerParams("linaer", in_features=1, out_features=1))
    with pytest.raises(ParamError, match="'linear'"):
        build_network(LayerParams("linear", inn=1))


def test_every_layer_name_leads_somewhere():
    from muse.core.params import import_object
    from muse.models.layers.build import BUILTIN_LAYERS

    for path in BUILTIN_LAYERS.values():
        assert callable(import_object(path))


def test_masked_linear_sees_only_earlier_chunks():
    layer = build_network(build_mlp_param_list(4, [6], mask_chunks=2))
    x = torch.zeros(1, 4, requires_grad=True)
    layer(x)[0, :3].sum().backward()
    assert torch.equal(x.grad[0, 2:], torch.zeros(2)) and x.grad[0, :2].abs().sum() > 0


def test_attrdict_is_a_pytree(spec):
    mlp(spec)
    tree = AttrDict({"a": torch.ones(1), "g/x": torch.ones(1)})
    doubled = pytree.tree_map(lambda v: v * 2, tree)
    assert isinstance(doubled, AttrDict) and doubled["g/x"] == 2


def test_check_model_accepts_and_refuses(spec, dataset, batch):
    model = mlp(spec, dataset, normalize_inputs=True, loss_fn="muse.models.losses.mse_action_loss")
    model.load_statistics()
    check_model(model, batch)

    class Noisy(FunctionModel):
        def compute(self, inputs, **kwargs):
            return AttrDict(out=inputs["pos"] + torch.rand(1))

    with pytest.raises(ContractError, match="differs from call to call"):
        check_model(Noisy(AttrDict(forward_fn=take_pos, loss_fn=first_loss), spec), batch)

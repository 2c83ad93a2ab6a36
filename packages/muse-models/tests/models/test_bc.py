from __future__ import annotations

import importlib

import pytest
import torch

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError, SpecError
from muse.core.params import instantiate
from muse.models.bc import BaseGCBC
from muse.models.losses import (
    get_default_mae_action_loss_fn,
    get_default_nll_loss_fn,
    masked_mean,
)
from muse.models.testing import check_model

RNN = "muse.models.bc.rnn_action_decoder.RNNActionDecoder"
MLP = "muse.models.bc.mlp_action_decoder.MLPActionDecoder"


def gcbc(spec, dataset=None, decoder=None, **params):
    decoder = AttrDict(cls=RNN, hidden_size=12, rnn_type="lstm") & (decoder or AttrDict())
    return BaseGCBC(AttrDict(action_decoder=decoder) & AttrDict(params), spec, dataset)


HEADS = [
    AttrDict(),
    AttrDict(use_tanh_out=True, policy_size=0),
    AttrDict(use_policy_dist=True),
    AttrDict(use_policy_dist=True, policy_num_mix=5, use_tanh_out=True),
]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("cls", [RNN, MLP])
@pytest.mark.parametrize("normalization", ["none", "minmax"])
def test_contract(tools, head, cls, normalization):
    spec = tools.make_spec(action_names=["action", "target"])
    decoder = head & AttrDict(cls=cls)
    if cls == MLP:
        decoder = head.leaf_filter(lambda k, v: k != "policy_size") & AttrDict(cls=cls)
        params = AttrDict(action_decoder=decoder)
    else:
        params = AttrDict(action_decoder=decoder & AttrDict(hidden_size=12, rnn_type="lstm"))
    params = params & AttrDict(normalize_inputs=True, action_normalization=normalization)
    model = BaseGCBC(params, spec, tools.FakeDataset(spec))
    model.load_statistics()
    inputs, outputs = tools.make_batch(spec)
    check_model(model, (inputs, outputs))
    out = model(inputs)
    assert out.action.shape == (3, 6, 3) and out.target.shape == (3, 6, 2)


def test_policy_size_zero_is_one_linear_layer(spec):
    model = gcbc(spec, decoder=AttrDict(policy_size=0))
    net = model["action_decoder/decoder"].net
    assert isinstance(net, torch.nn.Linear) and net.out_features == 3
    assert len(gcbc(spec)["action_decoder/decoder"].net) == 3


def test_loss_ignores_padding(spec, batch):
    inputs, outputs = batch
    for head in HEADS:
        model = gcbc(spec, decoder=head)
        short = model.loss(inputs.leaf_apply(lambda v: v[:, :4]), outputs).loss
        padded = inputs.copy()
        mask = torch.zeros(3, 6, dtype=torch.bool)
        mask[:, 4:] = True
        padded["padding_mask"] = mask
        padded["action"] = inputs["action"].masked_fill(mask[..., None], float("nan"))
        result = model.loss(padded, outputs).loss
        assert torch.allclose(result, short, atol=1e-5)
        result.backward()
        assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_masked_mean():
    values = torch.tensor([[1.0, 2.0], [3.0, float("inf")]])
    mask = torch.tensor([[False, True], [False, True]])
    assert masked_mean(values, mask) == 2
    assert masked_mean(values, torch.ones_like(mask)) == 0


def test_losses_by_factory(spec, batch):
    inputs, outputs = batch
    mae = gcbc(spec, loss_fn=get_default_mae_action_loss_fn(["action"]))
    error = (mae(inputs).action - inputs.action).abs().mean()
    assert torch.allclose(mae.loss(inputs, outputs).loss, error)
    nll = gcbc(spec, decoder=HEADS[3], loss_fn=get_default_nll_loss_fn())
    out = nll(inputs)
    expected = -nll.head.log_prob(out.policy_dist, inputs.action).mean()
    assert torch.allclose(nll.loss(inputs, outputs).loss, expected)


def test_targets_are_normalised_once(tools):
    spec = tools.make_spec(action_names=["target"])
    model = gcbc(spec, tools.FakeDataset(spec), action_normalization="minmax")
    model.load_statistics()
    inputs, outputs = tools.make_batch(spec)
    unit = inputs.target / 256 - 1
    expected = (model(inputs).target - unit).square().mean()
    assert torch.allclose(model.loss(inputs, outputs).loss, expected, atol=1e-6)
    assert model.normalized_output_names == ("target",)


def test_goals(tools):
    spec = tools.make_spec()
    goal = AttrDict(use_goal=True, goal_names=["goal/pos"], use_last_state_goal=True)
    model = gcbc(spec, **dict(goal))
    inputs, outputs = tools.make_batch(spec)
    with pytest.raises(SpecError, match="no goal 'goal/pos'"):
        model(inputs)
    last = inputs & AttrDict({"goal/pos": inputs.pos[:, -1:]})
    assert torch.equal(model(inputs, select_goal=True).action, model(last).action)
    other = inputs & AttrDict({"goal/pos": inputs.pos[:, :1]})
    assert not torch.allclose(model(last).action, model(other).action)
    assert torch.isfinite(model.loss(inputs, outputs).loss)
    # online, the goal of the environment is really seen
    obs = (inputs > ["pos", "pose", "grip"]).leaf_apply(lambda v: v[:, :1])
    memory = model.initial_memory(3)
    near, _ = model.online_step(obs, AttrDict({"goal/pos": inputs.pos[:, -1:]}), memory)
    far, _ = model.online_step(obs, AttrDict({"goal/pos": inputs.pos[:, :1] + 5}), memory)
    assert torch.allclose(near.action, model(last).action[:, :1], atol=1e-6)
    assert not torch.allclose(near.action, far.action)
    with pytest.raises(ParamError, match="set both or neither"):
        gcbc(spec, use_goal=True)
    with pytest.raises(ParamError, match="expected 'goal/"):
        gcbc(spec, use_goal=True, goal_names=["pos"])


def test_goals_are_normalised_as_the_state_they_are(tools):
    spec = tools.make_spec()
    model = gcbc(
        spec,
        tools.FakeDataset(spec),
        normalize_inputs=True,
        use_goal=True,
        goal_names=["goal/pos"],
        state_names=["pos"],
        use_last_state_goal=True,
    )
    model.load_statistics()
    seen = []
    model["action_decoder"].register_forward_pre_hook(lambda m, args: seen.append(args[0]))
    inputs, _ = tools.make_batch(spec)
    model(inputs, select_goal=True)
    assert torch.allclose(seen[0]["goal/pos"], seen[0]["pos"][:, -1:].expand(-1, 6, -1))


def test_vision(tools):
    spec = tools.make_spec(observation_names=["pos", "image", "side"])
    model = gcbc(
        spec,
        tools.FakeDataset(spec),
        normalize_inputs=True,
        state_encoder_order=["vision"],
        vision=AttrDict(cls="muse.models.vision.encoder.VisionEncoder", backbone="small_cnn"),
    )
    model.load_statistics()
    assert model["action_decoder"].input_names == ["img_embedding", "pos"]
    assert model["action_decoder/decoder"].rnn.input_size == 130
    check_model(model, tools.make_batch(spec))


def test_decoder_does_not_normalise(spec):
    with pytest.raises(ParamError, match="its inputs come normalised"):
        gcbc(spec, decoder=AttrDict(normalize_inputs=True))


@pytest.mark.parametrize(
    "name", ["bc_rnn", "bc_rnn_gmm", "vis_bc_rnn", "vis_bc_rnn_gmm", "small_vis_bc_rnn"]
)
def test_shipped_configs_build_and_learn(tools, name):
    group = importlib.import_module(f"muse.cfgs.model.{name}").export
    vision = "vis" in name
    spec = tools.make_spec(
        observation_names=["pos", "image"] if vision else ["pos"],
        action_names=["target"] if "gmm" in name else ["action"],
    )
    group = group & AttrDict(device="cpu", action_decoder=AttrDict(hidden_size=32))
    model = instantiate(group, spec, tools.FakeDataset(spec))
    model.load_statistics()
    batch = tools.make_batch(spec)
    # batch statistics over six windows of noise are no use in evaluation, so it is not compared
    check_model(model, batch, online="resnet" not in str(group << "vision_encoder"))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(12):
        loss = model.loss(*batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert min(losses[-3:]) < losses[0]


def test_configs_import_without_torch():
    import subprocess
    import sys

    code = (
        "import sys, importlib\n"
        "for n in ('model.vis_bc_rnn_gmm', 'model.small_vis_bc_rnn', 'policy.memory_policy',"
        " 'policy.gmm_memory_policy', 'policy.dummy_goal_policy'):\n"
        "    importlib.import_module('muse.cfgs.' + n)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

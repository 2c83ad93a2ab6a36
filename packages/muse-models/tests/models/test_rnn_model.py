from __future__ import annotations

import pytest
import torch

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.models import DefaultRnnModel, RnnModel
from muse.models.testing import check_model
from muse.utils.param_utils import LayerParams


def rnn(spec, **params):
    base = AttrDict(
        model_inputs=["pos", "pose", "grip"],
        model_output="action",
        hidden_size=12,
        loss_fn="muse.models.losses.mse_action_loss",
    )
    return DefaultRnnModel(base & AttrDict(params), spec)


@pytest.mark.parametrize("rnn_type,parts", [("gru", {"h"}), ("lstm", {"h", "c"}), ("rnn", {"h"})])
def test_shapes(spec, batch, rnn_type, parts):
    out = rnn(spec, rnn_type=rnn_type)(batch[0])
    assert out.action.shape == (3, 6, 3)
    assert set(out.hidden) == parts
    assert out.hidden.h.shape == (3, 2, 12)


@pytest.mark.parametrize("rnn_type", ["gru", "lstm"])
@pytest.mark.parametrize("use_dist,num_mix", [(False, 1), (True, 1), (True, 4)])
def test_steps_equal_the_sequence(spec, batch, rnn_type, use_dist, num_mix):
    model = rnn(spec, rnn_type=rnn_type, use_dist=use_dist, num_mix=num_mix, mlp_size=8)
    check_model(model, batch)


def test_bidirectional(spec, batch):
    out = rnn(spec, bidirectional=True)(batch[0])
    assert out.action.shape == (3, 6, 3) and out.hidden.h.shape == (3, 4, 12)
    with pytest.raises(ParamError, match="forward in time"):
        rnn(spec, bidirectional=True, mask_name="padding_mask")


def test_hidden_carries_over(spec, batch):
    model = rnn(spec, rnn_type="lstm")
    inputs = batch[0]
    whole = model(inputs)
    first = model(inputs.leaf_apply(lambda v: v[:, :4]))
    second = model(inputs.leaf_apply(lambda v: v[:, 4:]), hidden=first.hidden)
    assert torch.allclose(whole.action[:, 4:], second.action, atol=1e-6)
    assert torch.allclose(whole.hidden.c, second.hidden.c, atol=1e-6)


@pytest.mark.parametrize("rnn_type", ["gru", "lstm"])
def test_masked_steps_leave_no_trace(spec, batch, rnn_type):
    model = rnn(spec, rnn_type=rnn_type, mask_name="padding_mask")
    inputs = batch[0].copy()
    # nothing masked: as without a mask
    plain = rnn(spec, rnn_type=rnn_type)
    plain.load_state_dict(model.state_dict())
    assert torch.allclose(model(inputs).action, plain(inputs).action, atol=1e-6)
    # steps 2 and 3 masked: as if they had not been there, whatever they hold
    mask = torch.zeros(3, 6, dtype=torch.bool)
    mask[:, 2:4] = True
    inputs["padding_mask"] = mask
    inputs["pos"] = inputs["pos"].masked_fill(mask[..., None], 1e6)
    kept = inputs.leaf_apply(lambda v: v[:, [0, 1, 4, 5]])
    assert torch.allclose(model(inputs).action[:, [0, 1, 4, 5]], plain(kept).action, atol=1e-6)
    assert torch.allclose(model(inputs).hidden.h, plain(kept).hidden.h, atol=1e-6)


@pytest.mark.parametrize("before", [True, False])
def test_rnn_model_from_declarations(spec, batch, before):
    sizes = (11, 7) if before else (5, 7)
    model = RnnModel(
        AttrDict(
            model_inputs=["pos", "pose", "grip"],
            model_output="out",
            recurrent_network=LayerParams(
                "gru", input_size=9 if before else 5, hidden_size=sizes[0 if before else 1]
            ),
            network=LayerParams(
                "linear", in_features=11 if before else 9, out_features=7 if before else 5
            ),
            rnn_before_net=before,
            rnn_output_name="rnn_out",
        ),
        spec,
    )
    out = model(batch[0])
    assert out.out.shape == (3, 6, 7)
    assert out.rnn_out.shape == (3, 6, 11 if before else 7)


def test_recurrent_network_must_be_recurrent(spec):
    with pytest.raises(ParamError, match="expected an lstm"):
        RnnModel(
            AttrDict(
                model_inputs=["pos"],
                model_output="out",
                recurrent_network=LayerParams("linear", in_features=2, out_features=2),
            ),
            spec,
        )

from __future__ import annotations

import pytest
import torch

from muse.core.attrdict import AttrDict
from muse.core.errors import CheckpointError, MissingKeyError, ParamError
from muse.grouped_models import GroupedModel

MLP = "muse.models.mlp_model.DefaultMLPModel"


class Pair(GroupedModel):
    required_models = ("encoder", "head")


def groups(**encoder):
    return AttrDict(
        encoder=AttrDict(
            cls=MLP, model_inputs=["pos", "grip"], model_output="code", out_size=4, mlp_size=8
        )
        & AttrDict(encoder),
        head=AttrDict(cls=MLP, model_inputs=["code"], model_output="action", mlp_size=8),
    )


def test_access_and_order(spec, batch):
    model = Pair(groups(), spec)
    assert [type(m).__name__ for m in model] == ["DefaultMLPModel"] * 2 and len(model) == 2
    assert model.encoder is model["encoder"] is next(iter(model))
    nested = GroupedModel(AttrDict(model_order=["a"], a=model), spec)
    assert nested["a/head"] is model.head
    with pytest.raises(MissingKeyError, match="Did you mean 'head'"):
        model["hea"]
    # the head knows the encoder's output; the spec given is as it was
    assert model.head.flattener.size == 4 and "code" not in spec
    out = model(batch[0])
    assert out.code.shape == (3, 6, 4) and out.action.shape == (3, 6, 3)


def test_missing_and_wrong_groups(spec):
    with pytest.raises(ParamError, match="'head'"):
        Pair(groups().leaf_filter(lambda k, v: not k.startswith("head")), spec)
    with pytest.raises(ParamError, match="which this class requires"):
        Pair(AttrDict(model_order=["encoder"]) & groups() < ["model_order", "encoder"], spec)
    with pytest.raises(ParamError, match="forward_models has 'hed'"):
        Pair(groups() & AttrDict(forward_models=["hed"]), spec)


def test_kwargs_reach_their_model(spec, batch):
    model = Pair(groups(), spec)
    assert model.get_kwargs("head", {"head_kwargs": {"a": 1}}) == {"a": 1}
    assert model.get_kwargs("head", {}) == {}
    with pytest.raises(TypeError, match="nonsense"):
        model(batch[0], head_kwargs={"nonsense": 1})
    with pytest.raises(TypeError, match="haed_kwargs"):
        model(batch[0], haed_kwargs={})


def test_statistics_reach_every_model_and_are_asked_for_once(spec, dataset):
    params = groups(normalize_inputs=True, normalization_inputs=["pos"])
    model = Pair(params & AttrDict(save_normalization_inputs=["pos", "target"]), spec, dataset)
    model.load_statistics()
    assert dataset.asked == [["pos", "target"]]
    x = AttrDict(pos=torch.ones(1, 1, 2))
    for owner in (model, model.encoder):
        assert torch.equal(owner.normalize_by_statistics(x, ["pos"]).pos, torch.zeros(1, 1, 2))


def test_pretrain_recurses(spec):
    called = []
    model = Pair(groups(), spec)
    model.encoder.pretrain = called.append
    model.pretrain(["holdout"])
    assert called == [["holdout"]]


def test_forward_models_is_a_subset(spec, batch):
    model = Pair(groups() & AttrDict(forward_models=["encoder"]), spec)
    assert set(model(batch[0])) == {"code", "code_dist"} - {"code_dist"}


def test_restore_parts(spec, tmp_path):
    source, target = Pair(groups(), spec), Pair(groups(), spec)
    torch.save({"model": source.state_dict()}, tmp_path / "pair.pt")
    target.restore_from_files(["head"], [tmp_path / "pair.pt"], ["head"])
    same = [
        torch.equal(a, b) for a, b in zip(source.parameters(), target.parameters(), strict=True)
    ]
    assert not all(same) and all(same[len(same) // 2 :])
    target.restore_from_checkpoints(["encoder"], [{"model": source.encoder.state_dict()}])
    assert all(map(torch.equal, source.parameters(), target.parameters()))
    with pytest.raises(CheckpointError, match="no checkpoint file"):
        target.restore_from_files(["head"], [tmp_path / "none.pt"])
    with pytest.raises(CheckpointError, match="missing"):
        target.restore_from_files(["head"], [tmp_path / "pair.pt"], ["decoder"])

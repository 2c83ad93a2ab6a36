from __future__ import annotations

import numpy as np
import pytest
import torch

from muse.core.attrdict import AttrDict
from muse.core.errors import ParamError
from muse.metrics import ExtractMetric
from muse.rewards import OutputReward


@pytest.mark.parametrize(
    "reduce_fn,expected", [("mean", [1, 4]), ("max", [2, 5]), ("min", [0, 3]), ("last", [2, 5])]
)
def test_extract(reduce_fn, expected):
    outputs = AttrDict({"a/b": torch.arange(6.0).view(2, 3)})
    metric = ExtractMetric(AttrDict(name="m", key="a/b", reduce_fn=reduce_fn))
    assert metric.compute_elementwise(AttrDict(), outputs, AttrDict()).tolist() == expected
    assert metric.compute(AttrDict(), outputs, AttrDict()) == sum(expected) / 2


def test_groups():
    inputs = AttrDict(m=torch.tensor([[1.0], [3.0], [10.0]]))
    metric = ExtractMetric(AttrDict(name="m", source="inputs"))
    result = metric.compute_group_wise(inputs, AttrDict(), AttrDict(), torch.tensor([0, 0, 2]), 3)
    assert result["mean"].tolist() == [2, 0, 10]
    assert result["count"].tolist() == [2, 0, 1]
    assert result["worst"] == 10


def test_empty_batch_is_zero():
    metric = ExtractMetric(AttrDict(name="m"))
    assert metric.compute(AttrDict(), AttrDict(m=torch.zeros(0, 1)), AttrDict()) == 0


def test_params_are_checked():
    with pytest.raises(ParamError, match="reduce_fn"):
        ExtractMetric(AttrDict(name="m", reduce_fn="median"))


def test_output_reward():
    reward = OutputReward(AttrDict(scale=2.0), None)
    reward.reset_reward()
    none = AttrDict()
    got = reward.get_reward(
        None, none, none, none, AttrDict(reward=np.ones((2, 1))), none, np.zeros(2, bool)
    )
    assert got.dtype == np.float32 and got.tolist() == [2, 2]

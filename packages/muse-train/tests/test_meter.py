"""Meters average exactly and survive a checkpoint."""

from __future__ import annotations

import json

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from muse.trainers.meter import Meter


@given(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=600), st.integers(0, 599))
@settings(max_examples=30, deadline=None)
def test_means_with_a_resume_in_between(values: list[float], cut: int) -> None:
    meter = Meter()
    for index, value in enumerate(values):
        if index == cut:
            state = json.loads(json.dumps(meter.state()))
            meter = Meter()
            meter.restore(state)
        meter.add("train", {"loss": torch.tensor(value), "plain": value, "vector": torch.ones(3)})
    means = meter.pop()
    mean = sum(values) / len(values)
    assert means == approx({"train/loss": mean, "train/plain": mean}, abs=1e-9, rel=1e-9)
    assert meter.means() == {}

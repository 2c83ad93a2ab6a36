"""Weights say how often a window comes in an epoch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets import MixtureDataset, NpSequenceDataset
from muse.datasets.samplers import SequentialSampler, WeightedSequentialSampler

MODES = [0, 0, 0, 1, 1, 0, 0, 0, 1, 0]  # of one episode


@pytest.fixture
def data(make_spec, make_data, write):
    spec = make_spec()
    raw = make_data([10, 10])
    raw["mode"] = np.tile(np.array(MODES, np.int64), 2)[:, None]
    spec = spec.derive(
        add_rows=[("mode", (1,), (0, 1), np.int64)],
        observation_names=["state", "arm/joint", "image", "mode"],
    )
    params = AttrDict(file=write(raw), horizon=3, batch_size=4, frozen=True)
    return NpSequenceDataset(params, spec)


def counts(sampler, epochs=1):
    drawn = np.concatenate([w for e in range(epochs) for w in sampler.epoch_batches(e)])
    return np.bincount(drawn, minlength=sampler.size)


@pytest.mark.parametrize(
    ("which", "of_window"),
    [("first", lambda m: m[0]), ("last", lambda m: m[-1]), ("max", lambda m: max(m))],
)
def test_the_mode_of_a_window_decides(data, which, of_window):
    params = AttrDict(default_weights=[1.0, 3.0], default_mtw=which)
    found = counts(WeightedSequentialSampler(data, params), epochs=200) / 200
    modes = [of_window(MODES[i : i + 3]) for _ in range(2) for i in range(8)]
    weights = np.where(np.array(modes) == 1, 3.0, 1.0)
    np.testing.assert_allclose(found, weights / weights.sum() * 16, atol=0.15)


def test_a_function_of_the_modes_and_weights_of_windows(data):
    params = AttrDict(mode_to_weight_fn=no_change_of_mode, sample_weights=[1] * 8 + [0] * 8)
    found = counts(WeightedSequentialSampler(data, params))
    steady = [len(set(MODES[i : i + 3])) == 1 for i in range(8)] + [False] * 8
    assert ((found > 0) == steady).all() and found.sum() == 16


def no_change_of_mode(modes):
    return (modes == modes[:, :1]).all(axis=1)


@given(
    weights=st.lists(st.floats(0, 100), min_size=1, max_size=40).filter(any),
    seed=st.integers(0, 2**40),
    shuffle=st.booleans(),
)
def test_an_epoch_rounds_the_weights_up_or_down(weights, seed, shuffle):
    class Windows:
        num_windows, batch_size, frozen = len(weights), 7, True
        window_indices = staticmethod(lambda windows: windows)

    params = AttrDict(sample_weights=np.array(weights), seed=seed, shuffle=shuffle)
    sampler = SequentialSampler(Windows(), params)
    share = len(weights) * np.array(weights) / sum(weights)
    for epoch in (0, 5):
        found = np.bincount(
            np.concatenate(list(sampler.epoch_batches(epoch))), minlength=len(weights)
        )
        assert (np.abs(found - share) < 1 + 1e-6).all()
        assert found.sum() == len(weights)


def test_wrong_weights_and_modes_are_named(data, spec):
    with pytest.raises(DataError, match=r"shape \(3,\); expected one for each of 16"):
        SequentialSampler(data, AttrDict(sample_weights=[1, 2, 3]))
    with pytest.raises(DataError, match="from -1 to 1; expected numbers >= 0"):
        SequentialSampler(data, AttrDict(sample_weights=[-1] + [1] * 15))
    with pytest.raises(DataError, match="modes from 0 to 1; expected 0 to 0; set num_modes"):
        WeightedSequentialSampler(data, AttrDict(num_modes=1))
    with pytest.raises(DataError, match="default_weights has 3 entries"):
        WeightedSequentialSampler(data, AttrDict(default_weights=[1.0, 2.0, 3.0]))
    with pytest.raises(DataError, match="no 'phase' here"):
        WeightedSequentialSampler(data, AttrDict(mode_key="phase"))
    group = AttrDict(cls=NpSequenceDataset, file=data.params.file, frozen=True)
    params = AttrDict(sources=AttrDict(a=group), horizon=3, batch_size=4)
    with pytest.raises(DataError, match="use it for one source"):
        WeightedSequentialSampler(MixtureDataset(params, data.env_spec))

"""Samplers: each window once an epoch, pure functions of seed and position."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError
from muse.datasets import NpDataset, NpSequenceDataset
from muse.datasets.samplers import Sampler, SequentialSampler
from muse.datasets.samplers.permutation import Permutation


class Windows:
    """As much of a dataset as a sampler sees."""

    def __init__(self, count: int, batch_size: int, frozen: bool = True) -> None:
        self.num_windows, self.batch_size, self.frozen = count, batch_size, frozen

    def windows_at(self, uniform):
        return (uniform[:, 0] * self.num_windows).astype(np.int64)

    def window_indices(self, windows):
        return windows


@given(size=st.integers(1, 3000), seed=st.integers(0, 2**63), stream=st.integers(0, 50))
def test_permutation_is_one(size, seed, stream):
    order = Permutation(size, seed, stream)(np.arange(size))
    assert np.array_equal(np.sort(order), np.arange(size))


def test_permutation_shuffles_evenly():
    """Each element lands in each tenth of the order about equally often."""
    size, seeds = 1000, 400
    counts = np.zeros((10, 10))
    for seed in range(seeds):
        order = Permutation(size, seed)(np.arange(size))
        np.add.at(counts, (np.arange(size) // 100, order // 100), 1)
    expected = seeds * size / 100
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert chi2 < 150  # 81 degrees of freedom


@given(
    count=st.integers(1, 60),
    batch=st.integers(1, 25),
    epochs=st.integers(1, 3),
    seed=st.integers(0, 9),
)
@pytest.mark.parametrize("shuffle", [True, False])
def test_sequential_gives_each_window_once_an_epoch(shuffle, count, batch, epochs, seed):
    sampler = SequentialSampler(Windows(count, batch), AttrDict(shuffle=shuffle, seed=seed))
    drawn = np.concatenate([sampler.get_indices() for _ in range(-(-count * epochs // batch))])
    for epoch in range(epochs):
        part = drawn[epoch * count : (epoch + 1) * count]
        assert sorted(part.tolist()) == list(range(count))
        again = np.concatenate(list(sampler.epoch_batches(epoch)))
        assert np.array_equal(part, again)
        assert shuffle or part.tolist() == list(range(count))


@given(steps=st.integers(0, 200), seed=st.integers(0, 2**32))
@pytest.mark.parametrize("cls", [Sampler, SequentialSampler])
def test_restored_sampler_goes_on_identically(cls, steps, seed):
    data = Windows(97, 10)
    one = cls(data, AttrDict(seed=seed))
    for _ in range(steps):
        one.get_indices()
    other = cls(data, AttrDict(seed=seed + 1))
    other.restore(json.loads(json.dumps(one.state())))
    for _ in range(70):
        assert np.array_equal(one.get_indices(), other.get_indices())
    assert one.epoch == other.epoch


def test_restore_refuses_the_state_of_other_data():
    state = Sampler(Windows(97, 10)).state()
    for sampler in (
        Sampler(Windows(98, 10)),
        Sampler(Windows(97, 11)),
        SequentialSampler(Windows(97, 10)),
    ):
        with pytest.raises(DataError, match="cannot restore"):
            sampler.restore(state)
    Sampler(Windows(98, 10, frozen=False)).restore(state)


def test_sequential_refuses_growing_data():
    with pytest.raises(DataError, match="frozen"):
        SequentialSampler(Windows(5, 1, frozen=False))


def test_unknown_parameter_is_refused():
    with pytest.raises(ParamError, match="shuffle"):
        SequentialSampler(Windows(5, 1), AttrDict(shufle=False))


@pytest.mark.parametrize("by_episode", [False, True])
def test_weights_are_uniform_over_windows_or_episodes(by_episode, spec, make_data, write):
    """Episodes of 4, 10 and 25 steps: 1, 7 and 22 windows of 4."""
    params = AttrDict(
        file=write(make_data([4, 10, 25])),
        horizon=4,
        batch_size=3000,
        frozen=True,
        uniform_sample_eps=by_episode,
    )
    data = NpSequenceDataset(params, spec)
    windows = np.concatenate([data.get_sampler().get_indices(), data.get_sampler().get_indices()])
    share = np.bincount(data.index.episodes(windows)) / len(windows)
    expected = [1 / 3] * 3 if by_episode else np.array([1, 7, 22]) / 30
    np.testing.assert_allclose(share, expected, atol=0.05)


def test_a_dataset_of_episodes_gets_exact_windows(spec, make_data, write):
    params = AttrDict(file=write(make_data([6, 9])), horizon=4, batch_size=8, frozen=True)
    data = NpDataset(params, spec)
    pairs = data.get_sampler().get_indices()
    inputs, _ = data.get_batch(pairs)
    again, _ = data.get_batch(pairs)
    assert pairs.shape == (8, 2)
    assert inputs == again
    np.testing.assert_array_equal(inputs.rollout_timestep[:, 0], pairs[:, 1])


def test_the_sampler_group_of_a_dataset(spec, make_data, write):
    group = AttrDict(
        cls="muse.datasets.samplers.sequential_sampler.SequentialSampler", shuffle=False
    )
    params = AttrDict(
        file=write(make_data([6])), horizon=4, batch_size=2, frozen=True, sampler=group
    )
    data = NpSequenceDataset(params, spec)
    assert data.get_sampler().get_indices().tolist() == [0, 1]
    assert [o.done.shape[0] for _, o in data] == [2, 1]

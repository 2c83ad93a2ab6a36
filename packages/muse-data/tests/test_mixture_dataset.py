"""Mixtures: weights, unlike names, per-source normalisation."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError
from muse.datasets import MixtureDataset, NpSequenceDataset
from muse.datasets.samplers import SequentialSampler
from muse.datasets.testing import check_dataset

LAB, SIM = [9, 12], [20, 20, 20]


@pytest.fixture
def mixture(spec, make_data, write):
    """`lab` has images; `sim` has none, and states shifted by 1000."""
    lab, sim = make_data(LAB, 1), make_data(SIM, 2)
    del sim["image"]
    sim["state"] += 1000
    files = AttrDict(lab=write(lab, "lab.npz"), sim=write(sim, "sim.npz"))

    def build(base=None, sources=None, **changes):
        groups = AttrDict(
            (name, AttrDict(cls=NpSequenceDataset, file=file, frozen=True, allow_missing=True))
            for name, file in files.items()
        )
        if sources is not None:
            groups = groups & sources
        params = AttrDict(sources=groups, horizon=4, batch_size=8) & AttrDict(changes)
        return MixtureDataset(params, spec, base_dataset=base)

    return build


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"weights": [1.0, 0.0]},
        {"normalize_weights_by_ds_size": True},
        {"normalize_names": ["state", "action"]},
        {"batch_names_to_get": ["state", "action"]},
    ],
    ids=str,
)
def test_keeps_the_contract(mixture, changes):
    check_dataset(mixture(**changes))


def test_rows_are_those_of_their_sources(mixture):
    data = mixture()
    lab, sim = (s.dataset for s in data.sources)
    assert len(data) == len(lab) + len(sim) == 6 + 9 + 3 * 17
    inputs, outputs = data.get_batch([2, len(lab) + 5, 0, -1])
    assert inputs.source["index"].tolist() == [[0] * 4, [1] * 4, [0] * 4, [1] * 4]
    np.testing.assert_array_equal(inputs.state[[0, 2]], lab.get_batch([2, 0])[0].state)
    np.testing.assert_array_equal(inputs.state[[1, 3]], sim.get_batch([5, -1])[0].state)
    np.testing.assert_array_equal(outputs.reward[1], sim.get_batch([5])[1].reward[0])
    assert inputs["source/has/image"][:, 0].tolist() == [True, False, True, False]
    assert inputs.image[0].any() and not inputs.image[[1, 3]].any()
    assert inputs.image.dtype == np.uint8 and "source/has/state" not in inputs
    with pytest.raises(DataError, match="no window 66: the mixture has 66"):
        data.get_batch([66])


def test_an_image_is_there_though_no_row_has_one(mixture):
    inputs, _ = mixture().get_batch([20, 30])
    assert inputs.image.shape == (2, 4, 4, 5, 3) and not inputs["source/has/image"].any()


@pytest.mark.parametrize(
    ("weights", "by_size", "share"),
    [(None, False, 15 / 66), (None, True, 0.5), ([3, 1], True, 0.75), ([0, 1], False, 0.0)],
)
def test_weights_say_how_often_a_source_comes(mixture, weights, by_size, share):
    data = mixture(weights=weights, normalize_weights_by_ds_size=by_size, batch_size=400)
    sampler = data.get_sampler()
    windows = np.concatenate([sampler.get_indices() for _ in range(20)])
    lab = windows[windows < 15]
    assert len(lab) / len(windows) == pytest.approx(share, abs=0.03)
    assert data.source_shares()[0] == pytest.approx(share)
    assert data.period_weights().sum() == pytest.approx(1) and data.get_num_periods() == 5
    if share:  # uniform within the source
        counts = np.bincount(lab, minlength=15)
        assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 40  # 14 degrees of freedom


def test_each_window_once_in_sequence(mixture):
    data = mixture(sampler=AttrDict(cls=SequentialSampler))
    sampler = data.get_sampler()
    assert sorted(np.concatenate(list(sampler.epoch_batches(3)))) == list(range(66))


def test_each_source_is_normalised_by_itself(mixture):
    data = mixture(normalize_names=["state"])
    inputs, _ = data.get_batch(np.arange(66))
    for source in data.sources:
        whole = source.dataset.get("state")
        expected = (source.dataset.get_batch([3])[0].state - whole.mean(0)) / whole.std(0)
        first = 3 if source.name == "lab" else 18
        np.testing.assert_allclose(inputs.state[first], expected[0], atol=1e-4)
    found = data.get_statistics(["state", "action"])
    np.testing.assert_allclose(found.state.mean, 0, atol=1e-5)
    np.testing.assert_allclose(found.state.std, 1, atol=1e-5)
    raw = data.source_statistics(1, ["state"]).state
    assert raw.mean[0] > 1000
    both = np.concatenate([s.dataset.get("action") for s in data.sources])
    np.testing.assert_allclose(found.action.mean, both.mean(0), atol=1e-6)


def test_a_holdout_shares_the_memory_of_its_twin(mixture):
    half = {"lab": AttrDict(load_episode_range=[0, 0.5]), "sim": AttrDict()}
    train = mixture(sources=AttrDict(half))
    other = AttrDict(load_from_base=True, load_episode_range=[0.5, 1.0])
    rest = mixture(train, sources=AttrDict(lab=other, sim=AttrDict(load_from_base=True)))
    assert rest.get_num_episodes() == 4 and rest.episode_length(0) == 12
    one, two = (d.sources[0].dataset.store.store.columns["image"] for d in (train, rest))
    assert np.shares_memory(one, two)


def test_mistakes_are_named(mixture):
    with pytest.raises(ParamError, match="source 'sim' has horizon=3, the mixture 4"):
        mixture(sources=AttrDict(sim=AttrDict(horizon=3)))
    with pytest.raises(ParamError, match=r"weights=\[1.0\] for the sources lab, sim"):
        mixture(weights=[1.0])
    with pytest.raises(DataError, match="Did you mean 'state'"):
        mixture().get_batch([0], names=["stat"])
    with pytest.raises(DataError, match="'sim' grows"):
        growing = AttrDict(sim=AttrDict(frozen=False))
        mixture(sources=growing, normalize_names=["state"])


def test_a_growing_source_counts_from_its_first_window(mixture, make_data):
    online = AttrDict(sim=AttrDict(cls=NpSequenceDataset, frozen=False, file=None))
    data = mixture(sources=online, normalize_weights_by_ds_size=True)
    sampler = data.get_sampler()
    assert not data.get_batch(sampler.get_indices())[0].source["index"].any()
    episode = {k: v for k, v in make_data([30]).items() if k != "done"}
    data.sources[1].dataset.add_episode(AttrDict(episode))
    drawn = [data.get_batch(sampler.get_indices())[0].source["index"] for _ in range(20)]
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.12)

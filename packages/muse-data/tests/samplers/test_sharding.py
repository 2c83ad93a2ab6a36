"""Together, the processes of a training see what one alone would see."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets import NpSequenceDataset
from muse.datasets.samplers import Sampler, SequentialSampler
from muse.datasets.samplers.sharding import launched_rank


class Windows:
    """As much of a dataset as a sampler sees."""

    frozen = True

    def __init__(self, count: int, batch_size: int) -> None:
        self.num_windows, self.batch_size = count, batch_size

    def windows_at(self, uniform):
        return (uniform[:, 0] * self.num_windows).astype(np.int64)

    def window_indices(self, windows):
        return windows


def sampler_of(cls, data, rank, world, seed, weighted):
    params = AttrDict(rank=rank, world_size=world, seed=seed)
    if weighted:
        params.sample_weights = np.arange(1, data.num_windows + 1)
    return cls(data, params)


@settings(max_examples=40)
@given(
    count=st.integers(1, 80),
    world=st.integers(1, 5),
    each=st.integers(1, 6),
    skip=st.integers(0, 150),
    seed=st.integers(0, 2**40),
)
@pytest.mark.parametrize(
    ("cls", "weighted"), [(Sampler, False), (SequentialSampler, False), (SequentialSampler, True)]
)
def test_the_union_of_the_ranks_is_the_stream_of_one(cls, weighted, count, world, each, skip, seed):
    """Whatever the number of ranks, also after stopping and going on with another number."""
    data = Windows(count, world * each)
    alone = sampler_of(cls, data, 0, 1, seed, weighted)
    for _ in range(skip):
        alone.get_indices()
    state = json.loads(json.dumps(alone.state()))
    ranks = [sampler_of(cls, data, r, world, seed + 1, weighted) for r in range(world)]
    for rank in ranks:
        rank.restore(state)
    for _ in range(3):
        shares = [rank.get_indices() for rank in ranks]
        whole = np.empty(data.batch_size, np.int64)
        for number, share in enumerate(shares):
            assert len(share) == each
            whole[number::world] = share
        assert np.array_equal(whole, alone.get_indices())
    assert all(rank.state() == alone.state() for rank in ranks)


@given(count=st.integers(1, 80), world=st.integers(1, 4), each=st.integers(1, 6))
@pytest.mark.parametrize("cls", [Sampler, SequentialSampler])
def test_an_epoch_is_split_without_loss(cls, count, world, each):
    data = Windows(count, world * each)
    whole = np.concatenate(list(sampler_of(cls, data, 0, 1, 3, False).epoch_batches(2)))
    parts = [
        np.concatenate(
            [np.empty(0, np.int64), *sampler_of(cls, data, r, world, 3, False).epoch_batches(2)]
        )
        for r in range(world)
    ]
    assert len(whole) == count
    assert sorted(np.concatenate(parts)) == sorted(whole)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, (0, 1)),
        ({"RANK": "3", "WORLD_SIZE": "4"}, (3, 4)),
        ({"SLURM_PROCID": "1", "SLURM_NTASKS": "2"}, (1, 2)),
        ({"OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "3"}, (2, 3)),
        ({"RANK": "0", "WORLD_SIZE": "2", "SLURM_PROCID": "0", "SLURM_NTASKS": "1"}, (0, 2)),
        ({"RANK": "1"}, (0, 1)),
    ],
    ids=str,
)
def test_the_launcher_is_asked_only_where_wanted(environ, expected, monkeypatch):
    assert launched_rank(environ) == expected
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    rank, world = expected
    alone = Sampler(Windows(50, 12))
    asked = Sampler(Windows(50, 12), AttrDict(distributed=True))
    assert np.array_equal(asked.get_indices(), alone.get_indices()[rank::world])


def test_shares_that_cannot_be_are_refused():
    with pytest.raises(DataError, match="10 windows does not divide into 3 equal"):
        Sampler(Windows(50, 10), AttrDict(rank=0, world_size=3))
    with pytest.raises(DataError, match="rank is 3 of 3"):
        Sampler(Windows(50, 9), AttrDict(rank=3, world_size=3))
    with pytest.raises(DataError, match="give both"):
        Sampler(Windows(50, 9), AttrDict(rank=1))


def test_torch_workers_and_ranks_together_give_the_epoch(spec, make_data, write):
    torch_data = pytest.importorskip("torch.utils.data")
    file = write(make_data([9, 14, 11]))
    seen = []
    for rank in range(2):
        params = AttrDict(file=file, horizon=4, batch_size=6, frozen=True)
        params.sampler = AttrDict(cls=SequentialSampler, rank=rank, world_size=2)
        data = NpSequenceDataset(params, spec)
        loader = torch_data.DataLoader(data, batch_size=None, num_workers=2, collate_fn=unchanged)
        seen += [inputs.state[:, 0, 0] for inputs, _ in loader]
    every = data.get_batch(np.arange(len(data)))[0].state[:, 0, 0]
    assert sorted(np.concatenate(seen)) == sorted(every)


def unchanged(batch):
    return batch

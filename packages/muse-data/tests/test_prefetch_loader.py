"""A loader changes when batches are made, nothing else."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets import NpSequenceDataset, PrefetchLoader
from muse.datasets.samplers import SequentialSampler

torch = pytest.importorskip("torch", reason="processes are torch's")


@pytest.fixture(scope="module")
def data(make_spec, make_data, tmp_path_factory):
    path = tmp_path_factory.mktemp("prefetch") / "data.npz"
    np.savez(path, **make_data([30, 25, 40]))
    params = AttrDict(file=str(path), horizon=4, batch_size=8, frozen=True)
    return Spoilt(params, make_spec())


class Spoilt(NpSequenceDataset):
    """Cannot make batches that hold the window `bad`."""

    bad = -1
    mistake: Exception = ValueError("broken frame")

    def get_batch(self, indices=None, *args, **kwargs):
        if self.bad in np.asarray(indices):
            raise self.mistake
        return super().get_batch(indices, *args, **kwargs)


def same(one, other):
    return all(
        np.array_equal(np.asarray(a), np.asarray(b[name]))
        for tree, b in zip(one, other, strict=True)
        for name, a in tree.leaf_items()
    )


@settings(max_examples=15)
@given(
    workers=st.integers(0, 3),
    depth=st.integers(1, 6),
    taken=st.integers(0, 9),
    sequential=st.booleans(),
    seed=st.integers(0, 99),
)
def test_order_and_state_are_those_of_the_sampler(data, workers, depth, taken, sequential, seed):
    cls = SequentialSampler if sequential else type(data.get_sampler())
    plain = cls(data, AttrDict(seed=seed))
    params = AttrDict(workers=workers, depth=depth)
    with PrefetchLoader(data, cls(data, AttrDict(seed=seed)), params) as loader:
        for _ in range(taken):
            assert same(loader.batch(), data.get_batch(plain.get_indices()))
        state = json.loads(json.dumps(loader.state()))
        assert state == plain.state()
    other = PrefetchLoader(data, cls(data, AttrDict(seed=seed + 1)), AttrDict(workers=1))
    other.restore(state)
    wanted = data.get_batch(plain.get_indices())
    assert same(other.batch(), wanted)
    assert same(loader.batch(), wanted)  # closed, it goes on as well
    other.close()
    loader.close()


@pytest.mark.parametrize("device", [None, "cpu"])
def test_processes_make_the_same(data, device):
    plain = data.get_sampler()
    with PrefetchLoader(data, None, AttrDict(use="processes", workers=2), device) as loader:
        for number, batch in enumerate(loader):
            assert same(batch, data.get_batch(plain.get_indices()))
            assert isinstance(batch[0].state, np.ndarray if device is None else torch.Tensor)
            if number == 5:
                break
        assert loader.state() == plain.state()


@pytest.mark.parametrize("use", ["threads", "processes"])
@pytest.mark.parametrize(
    ("mistake", "kind"),
    [(ValueError("broken frame"), RuntimeError), (DataError("gone"), DataError)],
)
def test_a_workers_mistake_comes_in_its_place(data, monkeypatch, use, mistake, kind):
    monkeypatch.setattr(data, "bad", 8 * 3 + 2, raising=False)
    monkeypatch.setattr(data, "mistake", mistake)
    before = threading.active_count()
    sampler = SequentialSampler(data, AttrDict(shuffle=False))
    loader = PrefetchLoader(data, sampler, AttrDict(use=use))
    for _ in range(3):
        loader.batch()
    with pytest.raises(kind, match=r"(?s)making batch 3 \(8 windows\).*(broken frame|gone)"):
        loader.batch()
    assert not multiprocessing.active_children() and loader.state()["position"] == 3
    deadline = time.monotonic() + 10  # a queue's own thread ends a moment after its queue
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    monkeypatch.setattr(data, "bad", -1)
    assert same(loader.batch(), data.get_batch(np.arange(24, 32)))
    loader.close()


def test_no_more_than_depth_batches_wait(data):
    sampler = data.get_sampler()
    loader = PrefetchLoader(data, sampler, AttrDict(depth=3, workers=2))
    for taken in range(1, 5):
        loader.batch()
        assert sampler.position == taken + 3
    loader.close()
    assert sampler.position == 4

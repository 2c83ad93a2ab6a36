"""The ring buffer against a list of episodes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.errors import DataError
from muse.datasets.storage.ring import RingStore
from muse.datasets.storage.windows import WindowIndex


def episode(first: int, length: int) -> dict[str, np.ndarray]:
    done = np.zeros(length, bool)
    done[-1] = True
    return {"x": np.arange(first, first + length), "done": done}


@given(
    capacity=st.one_of(st.none(), st.integers(5, 40)),
    moves=st.lists(st.tuples(st.sampled_from(["whole", "steps"]), st.integers(1, 12)), max_size=60),
)
def test_keeps_the_newest_whole_episodes_in_order(capacity, moves):
    ring = RingStore(("x", "done"), ("tag",), capacity)
    model: list[np.ndarray] = []
    first = 0
    for kind, length in moves:
        data = episode(first, length)
        if capacity is not None and length > capacity:
            with pytest.raises(DataError, match="capacity"):
                ring.append(data)
            continue
        if kind == "whole":
            ring.append(data)
        else:
            for i in range(length):
                ring.append({k: v[i : i + 1] for k, v in data.items()})
        ring.finish({"tag": np.array(first)})
        model.append(data["x"])
        while capacity is not None and sum(map(len, model)) > capacity:
            model.pop(0)
        first += length
        assert ring.lengths.tolist() == [len(e) for e in model]
        for i, expected in enumerate(model):
            np.testing.assert_array_equal(ring.episode("x", i), expected)
        assert ring.onetime("tag").tolist() == [e[0] for e in model]
        flat = np.concatenate(list(ring.chunks("x", 64)))
        np.testing.assert_array_equal(flat, np.concatenate(model))
        if capacity is not None:
            assert ring.allocated <= capacity


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=20), horizon=st.integers(1, 4))
def test_windows_never_cross_episodes(lengths, horizon):
    ring = RingStore(("x", "done"), (), 30)
    first = 0
    for length in lengths:
        ring.append(episode(first, length))
        ring.finish({})
        first += length
    index = WindowIndex(ring.starts, ring.lengths, horizon)
    if len(index):
        (x, done), mask = ring.cut(["x", "done"], index, np.arange(len(index)))
        assert mask is None
        assert (np.diff(x, axis=1) == 1).all()
        assert not done[:, :-1].any()


def test_memory_grows_with_the_data_not_with_the_capacity():
    ring = RingStore(("x", "done"), (), 10**9)
    ring.append(episode(0, 10))
    assert ring.allocated < 1000

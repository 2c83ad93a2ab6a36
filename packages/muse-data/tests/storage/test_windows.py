"""Windows against a naive walk over the episodes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.datasets.storage.frozen import FrozenStore
from muse.datasets.storage.windows import WindowIndex

LAYOUT = {
    "lengths": st.lists(st.integers(1, 9), min_size=1, max_size=6),
    "horizon": st.integers(1, 5),
    "skip": st.integers(1, 3),
    "pad_end": st.booleans(),
    "pad_short": st.booleans(),
}


def naive_windows(lengths, horizon, skip, pad_end, pad_short):
    """(rows, padded, zero) of every window, spelled out."""
    windows, first = [], 0
    span = (horizon - 1) * skip + 1
    for length in lengths:
        if pad_end:
            starts = range(length)
        elif length >= span:
            starts = range(length - span + 1)
        else:
            starts = range(1 if pad_short else 0)
        for start in starts:
            steps = [start + i * skip for i in range(horizon)]
            rows = [first + min(s, length - 1) for s in steps]
            padded = [s >= length for s in steps]
            zero = [p and pad_short and length < span for p in padded]
            windows.append((rows, padded, zero))
        first += length
    return windows


def index_of(lengths, horizon, skip, pad_end, pad_short):
    starts = np.cumsum(lengths) - lengths
    return WindowIndex(starts, lengths, horizon, skip, pad_end, pad_short)


@given(**LAYOUT)
def test_every_window_once_and_with_the_right_rows(lengths, horizon, skip, pad_end, pad_short):
    index = index_of(lengths, horizon, skip, pad_end, pad_short)
    expected = naive_windows(lengths, horizon, skip, pad_end, pad_short)
    assert len(index) == len(expected)
    if not expected:
        return
    rows, padded, zeros = index.rows(np.arange(len(index)))
    assert rows.tolist() == [w[0] for w in expected]
    assert padded.tolist() == [w[1] for w in expected]
    assert (zeros is None) == (not pad_short)
    if zeros is not None:
        assert zeros.tolist() == [w[2] for w in expected]
    assert index.starts.tolist() == [w[0][0] for w in expected]


@given(**LAYOUT)
def test_cut_windows_hold_the_rows(lengths, horizon, skip, pad_end, pad_short):
    index = index_of(lengths, horizon, skip, pad_end, pad_short)
    n = sum(lengths)
    columns = {
        "a": np.arange(n * 3, dtype=np.float32).reshape(n, 3),
        "b": np.arange(n, dtype=np.int64),
        "flag": np.arange(n) % 2 == 0,
        "image": np.arange(n * 8, dtype=np.uint8).reshape(n, 2, 4),
    }
    if not len(index):
        return
    windows = np.arange(len(index))
    for merge in ((), ("a", "b", "flag"), tuple(columns)):
        store = FrozenStore(columns, merge)
        for name, column in store.columns.items():
            np.testing.assert_array_equal(column, columns[name])
        for names in (list(columns), ["flag"], ["image", "a"]):
            cutter = store.cutter(names, horizon, skip)
            rows, _, zeros = index.rows(windows)
            for name, got in zip(names, cutter.rows(rows, zeros), strict=True):
                want = columns[name][rows]
                if zeros is not None:
                    want[zeros] = 0
                np.testing.assert_array_equal(got, want)
                assert got.dtype == columns[name].dtype
            if not index.can_pad:
                for name, got in zip(names, cutter.windows(index.starts), strict=True):
                    np.testing.assert_array_equal(got, columns[name][rows])


@given(**LAYOUT, fraction=st.floats(0, 1, exclude_max=True))
def test_windows_of_an_episode_stay_in_it(lengths, horizon, skip, pad_end, pad_short, fraction):
    index = index_of(lengths, horizon, skip, pad_end, pad_short)
    episodes = index.sampled_episodes
    windows = index.windows_of(episodes, np.full(len(episodes), fraction))
    assert index.episodes(windows).tolist() == episodes.tolist()


def test_negative_windows_count_from_the_end_and_others_are_refused():
    index = index_of([4, 5], 3, 1, False, False)
    assert index.locate(np.array([-1]))[1].tolist() == [6]
    for bad in (-6, 5):
        with pytest.raises(IndexError):
            index.locate(np.array([bad]))

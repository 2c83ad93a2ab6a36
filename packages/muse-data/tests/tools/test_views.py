"""Views of sources: what they hand out is what numpy would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.errors import DataError
from muse.datasets.formats.catalogue import open_source
from muse.datasets.formats.source import Column
from muse.datasets.formats.views import (
    ComputedView,
    JoinedView,
    NamedView,
    RowsView,
    SplitView,
    SubsetView,
)

LENGTHS = [4, 2, 5, 3]


@pytest.fixture
def source(make_data, write):
    data = make_data(LENGTHS)
    data["seed"] = np.arange(4)
    with open_source(write(data)) as source:
        yield source


def test_a_subset_keeps_the_order_given_and_renumbers_filters(source):
    split = SplitView(source, {"train": [0, 3], "valid": [2]})
    subset = SubsetView(split, [3, 2])
    assert subset.lengths.tolist() == [3, 5]
    assert subset.filters == {"train": [0], "valid": [1]}
    assert subset.read("seed", 0) == 3
    assert np.array_equal(subset.read("state", 1), source.read("state", 2))
    with pytest.raises(DataError, match="no episode 4; expected numbers from 0 to 3"):
        SubsetView(source, [4])


def test_columns_are_renamed_and_dropped_in_the_spec_too(source):
    view = NamedView(source, {"state": "proprio/state"}, ["image"])
    names = [column.name for column in view.columns()]
    assert "proprio/state" in names and "state" not in names and "image" not in names
    assert np.array_equal(view.read("proprio/state", 1), source.read("state", 1))
    spec = view.spec_params()
    assert "proprio/state" in spec.observation_names and "image" not in spec.observation_names
    assert {row[0] for row in spec.names_shapes_limits_dtypes} == set(names)


@pytest.mark.parametrize(
    ("rename", "drop", "match"),
    [
        ({"stat": "x"}, [], "Did you mean 'state'"),
        ({}, ["nope"], "no column 'nope'"),
        ({"state": "action"}, [], "'state' and 'action' would be named 'action'"),
    ],
)
def test_names_that_cannot_be(source, rename, drop, match):
    with pytest.raises(DataError, match=match):
        NamedView(source, rename, drop)


@given(st.data())
def test_rows_are_taken_as_numpy_takes_them(data):
    table = np.arange(sum(LENGTHS))
    parts = np.split(table, np.cumsum(LENGTHS)[:-1])

    class Base(SubsetView):  # a source of nothing but `table`
        lengths = np.array(LENGTHS)

        def __init__(self):
            self.path = "memory"

        def columns(self):
            return [Column("x", "memory", (), table.dtype)]

        def read(self, name, episode):
            return parts[episode]

    rows = [
        data.draw(
            st.one_of(
                st.lists(st.integers(0, n - 1), min_size=1, max_size=8).map(np.array),
                st.integers(0, n - 1).map(lambda begin: slice(begin, None)),
            )
        )
        for n in LENGTHS
    ]
    view = RowsView(Base(), rows)
    for i, part in enumerate(parts):
        assert np.array_equal(view.read("x", i), part[rows[i]])
        assert view.lengths[i] == len(part[rows[i]])


def test_an_episode_is_never_emptied(source):
    with pytest.raises(DataError, match="nothing would be left of episode 1, which has 2 steps"):
        RowsView(source, [slice(2, None)] * 4)


def test_computed_columns_replace_and_add(source):
    double = Column("state", "twice", (3,), np.dtype(np.float32))
    flag = Column("good", "made", (), np.dtype(np.bool_), "episode")
    calls = []

    def compute(episode):
        calls.append(episode)
        return {"state": source.read("state", episode) * 2, "good": episode > 1}

    view = ComputedView(source, [double, flag], compute)
    assert [c.name for c in view.columns()][-2:] == ["seed", "good"]
    assert np.array_equal(view.read("state", 2), 2 * source.read("state", 2))
    assert view.read("good", 2) and calls == [2]
    assert "good" in {row[0] for row in view.spec_params().names_shapes_limits_dtypes}
    wrong = ComputedView(source, [double], lambda i: {"state": np.zeros((1, 3))})
    with pytest.raises(DataError, match=r"shape \(1, 3\), expected \(4, 3\)"):
        wrong.read("state", 0)


def test_joined_sources_are_one(source):
    other = SplitView(SubsetView(source, [1]), {"train": [0]})
    joined = JoinedView([SplitView(source, {"train": [2]}), other])
    assert joined.lengths.tolist() == [*LENGTHS, 2]
    assert joined.filters == {"train": [2, 4]}
    assert np.array_equal(joined.read("action", 4), source.read("action", 1))
    pieces = np.concatenate(list(joined.pieces("action")))
    assert len(pieces) == sum(LENGTHS) + 2


def test_joining_names_what_differs(source):
    less = NamedView(source, drop=["reward"])
    with pytest.raises(DataError, match="has no 'reward'"):
        JoinedView([source, less])
    common = JoinedView([source, less], common=True)
    assert "reward" not in {c.name for c in common.columns()}
    wide = ComputedView(source, [Column("reward", "", (2,), np.dtype(np.float32))], lambda i: {})
    with pytest.raises(DataError, match=r"'reward' has shape \(2,\)"):
        JoinedView([source, wide])

"""Which episodes are meant, and who gets which."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.errors import UsageError
from muse.datasets.formats.catalogue import open_source
from muse.datasets.tools.selection import parse_episodes
from muse.datasets.tools.splitting import split_by_value, split_episodes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", [0]),
        ("-1", [9]),
        ("2-4", [2, 3, 4]),
        ("2:4", [2, 3]),
        ("8:", [8, 9]),
        (":2,1,5", [0, 1, 5]),
        ("valid,0", [4, 7, 0]),
        ("7-99", [7, 8, 9]),
    ],
)
def test_episodes_in_words(text, expected):
    assert parse_episodes(text, 10, {"valid": [4, 7]}) == expected


@pytest.mark.parametrize("text", ["", "x", "10", "-11", "4-2", "20:", "1.5", "valdi"])
def test_words_that_name_no_episode(text):
    with pytest.raises(UsageError, match="episodes"):
        parse_episodes(text, 10, {"valid": [4, 7]})


@given(st.integers(1, 200), st.floats(0, 1), st.integers(0, 5))
def test_a_split_is_disjoint_and_as_large_as_asked(count, share, seed):
    parts = split_episodes(count, {"train": share, "valid": 1.0 - share}, seed)
    assert sorted(parts["train"] + parts["valid"]) == list(range(count))
    assert abs(len(parts["train"]) - share * count) <= 1
    assert parts == split_episodes(count, {"train": share, "valid": 1.0 - share}, seed)


def test_numbers_of_episodes():
    parts = split_episodes(10, {"a": 3, "b": 0.5}, 0)
    assert [len(p) for p in parts.values()] == [3, 5]
    with pytest.raises(UsageError, match="asks for 11 episodes; there are 10"):
        split_episodes(10, {"a": 6, "b": 0.5}, 0)


def test_equal_entries_stay_together_however_much_comes_after(make_data, write):
    seeds = np.arange(300) % 60
    shares = {"train": 0.8, "valid": 0.2}
    data = make_data([2] * 300)
    data["seed"] = seeds
    with open_source(write(data)) as source:
        parts = split_by_value(source, "seed", shares, 0)
    assert sorted(parts["train"] + parts["valid"]) == list(range(300))
    of_seed = {int(seeds[i]): name for name, members in parts.items() for i in members}
    assert all(of_seed[int(seeds[i])] == name for name, m in parts.items() for i in m)
    assert 0.6 < len(parts["train"]) / 300 < 0.95
    fewer = make_data([2] * 100)
    fewer["seed"] = seeds[:100]
    with open_source(write(fewer, "fewer.npz")) as source:
        again = split_by_value(source, "seed", shares, 0)
        assert all(of_seed[int(seeds[i])] == name for name, m in again.items() for i in m)
        with pytest.raises(UsageError, match="episode columns seed"):
            split_by_value(source, "sed", shares, 0)
        with pytest.raises(UsageError, match="must be fractions"):
            split_by_value(source, "seed", {"train": 3}, 0)

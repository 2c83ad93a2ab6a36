"""Statistics in one pass, their quantiles, and what is kept of them beside the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets import NpSequenceDataset, np_loading
from muse.datasets.row_sample import RowSample
from muse.datasets.statistics import QUANTILES, STATISTICS, statistics_of
from muse.datasets.statistics_cache import StatisticsCache


@given(
    rows=st.integers(1, 300),
    cuts=st.lists(st.integers(0, 300), max_size=6),
    offset=st.sampled_from([0.0, 1e6]),
    nan=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64, np.uint8, np.int64]),
)
def test_pieces_give_what_the_whole_gives(rows, cuts, offset, nan, dtype):
    rng = np.random.default_rng(rows)
    values = (rng.normal(100, 30, (rows, 2, 3)) + (0 if dtype == np.uint8 else offset)).astype(
        dtype
    )
    if nan and np.dtype(dtype).kind == "f":
        values[rng.random(values.shape) < 0.3] = np.nan
        values[0] = 1.0
    found = statistics_of("x", np.split(values, sorted(c for c in cuts if c < rows)))
    whole = values.astype(np.float64)
    np.testing.assert_allclose(found.mean, np.nanmean(whole, 0), rtol=1e-5)
    np.testing.assert_array_equal(found["min"], np.nanmin(whole, 0).astype(found.mean.dtype))
    std = np.nanstd(whole, 0)
    spread = np.nanmax(whole, 0) > np.nanmin(whole, 0)
    np.testing.assert_allclose(found.std, np.where(spread, std, 1), rtol=1e-3)
    for name, share in QUANTILES.items():
        np.testing.assert_allclose(found[name], np.nanquantile(whole, share, axis=0), rtol=1e-5)


def test_beyond_its_size_a_sample_is_fair_and_does_not_depend_on_the_pieces():
    """A million rows: ranks are off by no more than five standard deviations."""
    rng = np.random.default_rng(0)
    values = rng.exponential(size=(1_000_000, 1)).astype(np.float32)
    values.sort(axis=0)  # the worst order for a sample of the beginning
    one, other = RowSample(), RowSample()
    for piece in np.array_split(values, 7):
        one.update(piece)
    for piece in np.array_split(values, 50):
        other.update(piece)
    shares = list(QUANTILES.values())
    found = one.quantiles(shares)
    np.testing.assert_array_equal(found, other.quantiles(shares))
    ranks = np.searchsorted(values[:, 0], found[:, 0]) / len(values)
    assert np.abs(ranks - shares).max() < 5 * 0.5 / np.sqrt(1 << 18)


def test_of_nothing_and_of_words():
    with pytest.raises(DataError, match="statistics of nothing"):
        statistics_of("x", [])
    with pytest.raises(DataError, match="'x' is <U1; statistics need numbers"):
        statistics_of("x", [np.array(["a"])])


@pytest.fixture
def kept(spec, make_data, write, monkeypatch):
    """A dataset whose statistics are kept although it is small, and its file."""
    monkeypatch.setattr(np_loading, "CACHE_FROM_BYTES", 0)
    file = write(make_data([20, 30, 10]))

    def build(**changes):
        params = AttrDict(file=file, horizon=4, batch_size=6, frozen=True) & AttrDict(changes)
        return NpSequenceDataset(params, spec)

    return build, file


def test_they_are_kept_and_found_again(kept, monkeypatch):
    build, file = kept
    first = build().get_statistics(["state", "image"])
    build().get_statistics(["arm/joint"])
    monkeypatch.setattr("muse.datasets.window_dataset.statistics_of", None)  # no more looking
    again = build().get_statistics(["image", "arm/joint", "state"])
    assert again.state == first.state and again.image == first.image
    assert list(again.state) == list(STATISTICS)
    with pytest.raises(TypeError):  # another split is looked at anew
        build(load_episode_range=[0, 0.5]).get_statistics(["state"])


def test_stale_ones_are_never_used(kept, make_data, write):
    build, file = kept
    before = build().get_statistics(["state"]).state.mean
    changed = make_data([20, 30, 10])
    changed["state"] += 5
    write(changed)
    np.testing.assert_allclose(build().get_statistics(["state"]).state.mean, before + 5, rtol=1e-5)
    data = build()
    data.set("state", np.arange(data.num_steps), np.full((data.num_steps, 3), 7))
    assert data.get_statistics(["state"]).state.mean.tolist() == [7, 7, 7]
    assert build().get_statistics(["state"]).state.mean[0] != 7


def test_damaged_and_unwritable_ones_are_left_aside(kept, tmp_path):
    build, file = kept
    wanted = build().get_statistics(["state"])
    (place,) = tmp_path.glob("*.statistics/*.npz")
    place.write_bytes(b"not a zip file")
    assert build().get_statistics(["state"]) == wanted
    place.unlink()
    place.parent.rmdir()
    place.parent.write_text("in the way")
    assert build().get_statistics(["state"]) == wanted
    cache = StatisticsCache([tmp_path / "data.npz"], {"part": 1})
    cache.save(wanted)
    assert not cache.load(["state"])

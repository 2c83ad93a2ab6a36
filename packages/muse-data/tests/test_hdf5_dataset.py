"""HDF5 files in robomimic's layout, from memory and from disk."""

from __future__ import annotations

import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError
from muse.datasets import Hdf5Dataset
from muse.datasets.testing import check_dataset

LENGTHS = [7, 3, 12, 8]


@pytest.fixture(params=["whole", "chunked"])
def file(request, tmp_path, make_data):
    """Episodes out of order, rewards of rank 1, actions in float64, one filter."""
    raw = make_data(LENGTHS)
    path = tmp_path / "data.hdf5"
    how = {"chunks": True, "compression": "gzip"} if request.param == "chunked" else {}
    ends = np.cumsum(LENGTHS)
    with h5py.File(path, "w") as out:
        for i in (2, 0, 3, 1):
            rows = slice(ends[i] - LENGTHS[i], ends[i])
            group = out.create_group(f"data/demo_{i * 5}")
            for name in ("state", "arm/joint", "image"):
                group.create_dataset(f"obs/{name}", data=raw[name][rows], **how)
            group.create_dataset("actions", data=raw["action"][rows].astype(np.float64), **how)
            group.create_dataset("rewards", data=raw["reward"][rows, 0], **how)
        out["mask/valid"] = np.array([b"demo_5", b"demo_15"])
    return path, raw


def params(path, **changes):
    base = AttrDict(file=str(path), horizon=4, batch_size=6)
    for name, value in changes.items():
        base[name] = value
    return base


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"horizon": 1},
        {"pad_end_sequence": False},
        {"pad_end_sequence": False, "horizon_skip": 2},
        {"pad_end_sequence": False, "allow_padding": True},
        {"batch_names_to_get": ["state", "action"]},
        {"load_episode_range": [0.5, 1.0]},
        {"filter_key": "valid"},
        {"uniform_sample_eps": True},
    ],
    ids=str,
)
def test_keeps_the_contract(file, spec, cache, changes):
    check_dataset(Hdf5Dataset(params(file[0], cache=cache, **changes), spec))


@pytest.mark.parametrize("cache", [True, False])
def test_holds_what_the_file_holds(file, spec, cache):
    path, raw = file
    data = Hdf5Dataset(params(path, cache=cache, pad_end_sequence=False), spec)
    assert [data.episode_length(i) for i in range(4)] == LENGTHS
    starts = data.index.starts[:, None] + np.arange(4)
    inputs, outputs = data.get_batch(np.arange(len(data)))
    for name in ("state", "arm/joint", "image", "action"):
        np.testing.assert_array_equal(inputs[name], raw[name][starts])
        assert inputs[name].dtype == raw[name].dtype
    np.testing.assert_array_equal(outputs.reward, raw["reward"][starts])
    np.testing.assert_array_equal(outputs.done, raw["done"][starts])
    assert data.get("action").dtype == np.float32
    np.testing.assert_array_equal(data.get("state", [3, -1]), raw["state"][[3, -1]])
    episode = data.get_episode(2, split=False)
    np.testing.assert_array_equal(episode.image, raw["image"][10:22])
    found = data.get_statistics(["state"]).state
    np.testing.assert_allclose(found.mean, raw["state"].mean(0))
    np.testing.assert_allclose(found.q50, np.median(raw["state"], 0))
    with pytest.raises(DataError, match="no window 18: the dataset has 18"):
        data.get_batch([18])


@pytest.mark.parametrize("cache", [True, False])
def test_filters_and_shares(file, spec, cache):
    path, raw = file
    valid = Hdf5Dataset(params(path, cache=cache, filter_key="valid"), spec)
    assert [valid.episode_length(i) for i in range(2)] == [3, 8]
    rest = params(path, load_from_base=True, load_episode_range=[0.5, 1.0])
    last = Hdf5Dataset(rest, spec, None, valid)
    np.testing.assert_array_equal(last.get("state"), raw["state"][-8:])
    last.add_key_to_dataset("twice", 2 * last.get("action"))
    inputs, _ = last.get_batch([2])
    np.testing.assert_array_equal(inputs.twice, 2 * inputs.action)
    with pytest.raises(DataError, match="Did you mean 'valid'"):
        Hdf5Dataset(params(path, filter_key="vald"), spec)
    with pytest.raises(ParamError, match="needs an Hdf5Dataset"):
        Hdf5Dataset(rest, spec)


def test_is_read_by_threads_forks_and_copies(file, spec):
    path, _ = file
    data = Hdf5Dataset(params(path, cache=False), spec)
    wanted = data.get_batch(np.arange(30))[0]
    with ThreadPoolExecutor(4) as pool:
        for inputs, _ in pool.map(lambda _: data.get_batch(np.arange(30)), range(8)):
            assert inputs == wanted
    child = os.fork()
    if not child:
        os._exit(0 if data.get_batch(np.arange(30))[0] == wanted else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert pickle.loads(pickle.dumps(data.store)).file.path == path  # noqa: S301 - our own
    data.cleanup()
    data.cleanup()
    assert data.get_batch(np.arange(30))[0] == wanted


def test_one_episode_at_the_root(tmp_path, spec, make_data):
    raw = make_data([6])
    with h5py.File(tmp_path / "one.hdf5", "w") as out:
        for name in ("state", "arm/joint", "image", "action", "reward"):
            out[name] = raw[name]
        out["size"] = np.float32(3)
    given = params(tmp_path / "one.hdf5", onetime_names=["param/size"])
    data = Hdf5Dataset(given, spec)
    assert data.get_num_episodes() == 1
    assert data.get_batch([0])[0]["param/size"].tolist() == [[[3.0]] * 4]


def test_what_does_not_fit_is_named(file, spec):
    path, _ = file
    with pytest.raises(DataError, match="has no 'size' or 'obs/size'.*key_map where 'size' lies"):
        Hdf5Dataset(params(path, step_names=["size"]), spec)
    with pytest.raises(DataError, match="has no group 'demos'; it has: data, mask; set prefix"):
        Hdf5Dataset(params(path, prefix="demos"), spec)
    with pytest.raises(DataError, match="no groups named ep_<number>; it has: demo_0"):
        Hdf5Dataset(params(path, ep_prefix="ep_"), spec)
    with h5py.File(path, "a") as out:
        del out["data/demo_5/actions"]
        out["data/demo_5/actions"] = np.zeros((2, 2))
    with pytest.raises(DataError, match=r"demo_5/actions \('action'\) is float64 \(2, 2\); exp"):
        Hdf5Dataset(params(path), spec)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match="not a readable HDF5 file"):
        Hdf5Dataset(params(path), spec)


def test_a_key_map_says_where_names_lie(file, spec):
    path, raw = file
    given = params(path, step_names=["state"], key_map=AttrDict(state="obs/state"))
    assert np.array_equal(Hdf5Dataset(given, spec).get("state"), raw["state"])


def test_statistics_of_large_files_are_kept_for_each_split(file, spec, monkeypatch):
    monkeypatch.setattr("muse.datasets.hdf5_dataset.CACHE_FROM_BYTES", 0)
    path, raw = file
    wanted = Hdf5Dataset(params(path), spec).get_statistics(["state"])
    half = Hdf5Dataset(params(path, load_episode_range=[0, 0.5]), spec).get_statistics(["state"])
    np.testing.assert_allclose(half.state.mean, raw["state"][:10].mean(0))
    monkeypatch.setattr("muse.datasets.window_dataset.statistics_of", None)  # no more looking
    assert Hdf5Dataset(params(path, cache=False), spec).get_statistics(["state"]) == wanted

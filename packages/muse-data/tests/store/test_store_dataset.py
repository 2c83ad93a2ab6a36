"""`StoreDataset` against `NpSequenceDataset` on the same episodes."""

from __future__ import annotations

import copy
import logging

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError
from muse.datasets import NpSequenceDataset, StoreDataset
from muse.datasets.testing import check_dataset

LENGTHS = [7, 3, 12, 8]
VARIANTS = [
    {},
    {"horizon": 1},
    {"horizon_skip": 2},
    {"pad_end_sequence": True},
    {"allow_padding": True},
    {"allow_padding": True, "pad_end_sequence": True, "horizon_skip": 3},
    {"uniform_sample_eps": True},
    {"use_rollout_steps": False},
    {"batch_names_to_get": ["image", "action"]},
    {"batch_names_to_get": ["reward"]},
    {"load_episode_range": [0.5, 1.0]},
    {"load_ignore_prefixes": ["arm/"]},
]


def params(file=None, **changes):
    base = AttrDict(horizon=4, batch_size=6)
    if file is not None:
        base["file"] = str(file)
    for name, value in changes.items():
        base[name] = value
    return base


@pytest.mark.parametrize("codec", ["raw", "jpeg"])
@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_keeps_the_contract(codec, changes, spec, write_store):
    if codec == "jpeg":
        pytest.importorskip("PIL")
    path, _ = write_store(LENGTHS, spec, codec)
    check_dataset(StoreDataset(params(path, **changes), spec))


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_gives_the_batches_of_a_dataset_in_memory(changes, spec, write_store, make_data, write):
    path, _ = write_store(LENGTHS, spec)
    ours = StoreDataset(params(path, **changes))
    like = NpSequenceDataset(params(write(make_data(LENGTHS)), frozen=True, **changes), spec)
    assert len(ours) == len(like) and ours.names == like.names
    for mine, its in zip(
        ours.get_batch(np.arange(-3, len(ours))),
        like.get_batch(np.arange(-3, len(like))),
        strict=True,
    ):
        assert mine == its
        dtypes = [{n: a.dtype for n, a in b.leaf_items()} for b in (mine, its)]
        assert dtypes[0] == dtypes[1]
    assert ours.get_episode(-1) == like.get_episode(-1)
    for name in ours.names:
        np.testing.assert_array_equal(ours.get(name), like.get(name))
        np.testing.assert_array_equal(ours.get(name, [2, 0]), like.get(name, [2, 0]))
    assert ours.get_statistics(["state", "image"]) == like.get_statistics(["state", "image"])
    batches = [d.get_batch(d.get_sampler().get_indices())[0] for d in (ours, like)]
    assert batches[0] == batches[1]


def test_the_spec_comes_with_the_store(spec, write_store):
    path, _ = write_store(LENGTHS, spec)
    assert StoreDataset(params(path)).env_spec == spec
    bare, _ = write_store(LENGTHS, name="bare")
    with pytest.raises(DataError, match="without an env spec"):
        StoreDataset(params(bare))


def test_a_filter_and_a_range_of_it(spec, write_store, make_data, write):
    path, raw = write_store(LENGTHS, spec, filters={"train": [0, 2, 3], "none": []})
    data = StoreDataset(params(path, filter="train"))
    assert [data.episode_length(i) for i in range(3)] == [7, 12, 8]
    check_dataset(data)
    rows = np.r_[0:7, 10:30]
    np.testing.assert_array_equal(data.get("state"), raw["state"][rows])
    np.testing.assert_array_equal(data.get("image", [7, 6]), raw["image"][[10, 6]])
    np.testing.assert_array_equal(data.get_batch([4])[0].state[0], raw["state"][10:14])
    rest = StoreDataset(
        params(filter="train", load_from_base=True, load_episode_range=[0.5, 1]), spec, None, data
    )
    assert [rest.episode_length(i) for i in range(rest.get_num_episodes())] == [8]
    assert rest.store.store is data.store.store
    with pytest.raises(DataError, match=r"no filter 'trian'.*Did you mean 'train'"):
        StoreDataset(params(path, filter="trian"))
    with pytest.raises(DataError, match="filter none.*holds none"):
        StoreDataset(params(path, filter="none"))


def test_onetime_values(make_spec, write_store):
    names = {"param_names": ["param/size", "goal/state"], "final_names": ["final/state"]}
    spec = make_spec(**names)
    sizes = np.arange(4, dtype=np.float32)[:, None]
    finals = np.arange(12, dtype=np.float32).reshape(4, 3)
    path, raw = write_store(
        LENGTHS, spec, extra={"param/size": sizes, "final/state": finals}, filters={"odd": [1, 3]}
    )
    data = StoreDataset(params(path))
    inputs, _ = data.get_batch([0, len(data) - 1])
    assert inputs["param/size"][:, 0, 0].tolist() == [0, 3]
    np.testing.assert_array_equal(inputs["final/state"][1, 0], finals[3])
    np.testing.assert_array_equal(inputs["goal/state"][1, 2], raw["state"][sum(LENGTHS[:3])])
    odd = StoreDataset(params(path, filter="odd"))
    assert odd.get("param/size")[:, 0].tolist() == [1, 3]
    check_dataset(odd)
    with pytest.raises(DataError, match="goal/state"):
        StoreDataset(params(path, allow_missing_onetime=False))


def test_columns_take_the_form_the_spec_asks_for(make_spec, write_store):
    path, raw = write_store([9])
    rows = [list(r) for r in make_spec().params.names_shapes_limits_dtypes]
    for row in rows:
        if row[0] == "state":
            row[3] = "float64"
        if row[0] == "reward":
            row[1] = []
    spec = make_spec(names_shapes_limits_dtypes=rows)
    data = StoreDataset(params(path), spec)
    inputs, outputs = data.get_batch([1])
    assert inputs.state.dtype == np.float64 and outputs.reward.shape == (1, 4)
    np.testing.assert_array_equal(inputs.state[0], raw["state"][1:5])
    rows[0][1] = [4]
    with pytest.raises(DataError, match="'state'"):
        StoreDataset(params(path), make_spec(names_shapes_limits_dtypes=rows))


def test_columns_added_in_memory_stay_with_their_dataset(spec, write_store):
    path, _ = write_store(LENGTHS, spec)
    data = StoreDataset(params(path, load_episode_range=[0.5, 1.0]))
    data.add_key_to_dataset("extra", np.arange(20, dtype=np.float32))
    assert data.get_batch([9])[0].extra.tolist() == [[12, 13, 14, 15]]
    assert "extra" not in StoreDataset(params(path)).names


def test_what_is_missing_is_named(spec, write_store, tmp_path):
    path, _ = write_store(LENGTHS, spec)
    with pytest.raises(ParamError, match="no file"):
        StoreDataset(params(), spec)
    with pytest.raises(DataError, match="store 'demo' not found"):
        StoreDataset(params("demo"), spec)
    with pytest.raises(DataError, match=r"has no manifest\.json"):
        StoreDataset(params(tmp_path), spec)
    with pytest.raises(DataError, match="no step column 'stat'.*Did you mean"):
        StoreDataset(params(path, step_names=["stat"]), spec)
    some = StoreDataset(params(path, step_names=["stat", "action"], allow_missing=True), spec)
    assert some.names == ("action", "rollout_timestep", "done")
    with pytest.raises(DataError, match="no window 21"):
        StoreDataset(params(path)).get_batch([21])
    with pytest.raises(ParamError, match="needs a StoreDataset"):
        StoreDataset(params(load_from_base=True), spec)


def test_a_window_of_video_decodes_only_what_it_needs(spec, write_store, caplog):
    pytest.importorskip("av")
    path, raw = write_store([40, 20], spec, codec="video")
    data = StoreDataset(params(path, decode_cache=0))
    inputs, _ = data.get_batch([15, 37])
    assert np.abs(inputs.image[0].astype(int) - raw["image"][15:19]).mean() < 60
    whole, _ = data.get_episode(1)
    assert (inputs.image[1] == whole.image[:4]).all()
    with caplog.at_level(logging.WARNING):
        check_dataset(StoreDataset(params(path)))


def test_torch_workers_share_a_store(spec, write_store):
    torch_data = pytest.importorskip("torch.utils.data")
    path, _ = write_store(LENGTHS, spec)
    data = StoreDataset(params(path))
    alone = [inputs.state for inputs, _ in data]
    for each in (data, copy.deepcopy(data)):  # as spawned workers get it
        each.set_epoch(0)
        loader = torch_data.DataLoader(each, batch_size=None, num_workers=2, collate_fn=first)
        shared = [inputs.state for inputs, _ in loader]
        assert all(np.array_equal(a, b) for a, b in zip(alone, shared, strict=True))


def first(batch):
    return batch

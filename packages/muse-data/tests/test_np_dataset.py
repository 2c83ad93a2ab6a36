"""Frozen datasets: what loading gives, and what batches hold."""

from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError
from muse.datasets import NpDataset, NpSequenceDataset
from muse.datasets.preprocess.data_preprocessor import DataPreprocessor
from muse.datasets.testing import check_dataset

LENGTHS = [7, 3, 12, 8]


def params(file=None, **changes):
    base = AttrDict(horizon=4, batch_size=6, frozen=True)
    if file is not None:
        base["file"] = file
    for name, value in changes.items():
        base[name] = value
    return base


@pytest.mark.parametrize("cls", [NpDataset, NpSequenceDataset])
@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"horizon": 1},
        {"horizon_skip": 2},
        {"pad_end_sequence": True},
        {"allow_padding": True},
        {"allow_padding": True, "pad_end_sequence": True, "horizon_skip": 3},
        {"uniform_sample_eps": True},
        {"index_all_keys": False},
        {"use_rollout_steps": False},
        {"batch_names_to_get": ["image", "action"]},
        {"load_episode_range": [0.5, 1.0]},
        {"load_ignore_prefixes": ["arm/"]},
    ],
    ids=str,
)
def test_keeps_the_contract(cls, frozen, changes, spec, make_data, write):
    data = cls(params(write(make_data(LENGTHS)), frozen=frozen, **changes), spec)
    check_dataset(data)


def test_windows_hold_what_the_file_holds(spec, make_data, write):
    raw = make_data(LENGTHS)
    data = NpSequenceDataset(params(write(raw)), spec)
    assert len(data) == data.num_windows == (7 - 3) + 0 + (12 - 3) + (8 - 3)
    assert data.get_num_episodes() == 4 and data.num_steps == 30
    inputs, outputs = data.get_batch(np.arange(len(data)))
    starts = data.index.starts[:, None] + np.arange(4)
    for name in ("state", "arm/joint", "image", "action"):
        np.testing.assert_array_equal(inputs[name], raw[name][starts])
        assert inputs[name].dtype == raw[name].dtype
    np.testing.assert_array_equal(outputs.reward, raw["reward"][starts])
    np.testing.assert_array_equal(outputs.done, raw["done"][starts])
    assert outputs.done[3, -1] and outputs.done[-1, -1]  # the last windows are there
    assert "padding_mask" not in inputs
    assert "arm" in inputs and inputs.arm.joint.shape == (len(data), 4, 2)


def test_float64_files_become_the_specs_float32(spec, make_data, write):
    raw = make_data([9])
    raw["state"] = raw["state"].astype(np.float64)
    inputs, _ = NpSequenceDataset(params(write(raw)), spec).get_batch([0])
    assert inputs.state.dtype == np.float32


def test_train_and_holdout_share_memory_and_split_all_episodes(spec, make_data, write):
    file = write(make_data([6] * 30))
    train = NpSequenceDataset(params(file, load_episode_range=[0, 0.1]), spec)
    rest = NpSequenceDataset(
        params(load_from_base=True, load_episode_range=[0.1, 1.0], horizon=2), spec, None, train
    )
    assert (train.get_num_episodes(), rest.get_num_episodes()) == (3, 27)
    assert np.shares_memory(train.store.store.columns["image"], rest.store.store.columns["image"])
    first, _ = rest.get_batch([0])
    assert first.state[0, 0, 0] == 3 * 6 * 3
    everything = {*train.get("state")[:, 0], *rest.get("state")[:, 0]}
    assert len(everything) == 180
    train.add_key_to_dataset("extra", np.ones((18, 1), np.float32))
    assert "extra" not in rest.names and "extra" in train.get_batch([0])[0]


@pytest.mark.parametrize("share", [[0.2, 0.2], [0.5, 1.2], [0.5], [0.6, 0.4]])
def test_bad_ranges_are_refused(share, spec, make_data, write):
    with pytest.raises(ParamError, match="load_episode_range"):
        NpDataset(params(write(make_data([9])), load_episode_range=share), spec)


def test_a_range_without_episodes_is_refused(spec, make_data, write):
    with pytest.raises(DataError, match="holds none of its 2 episodes"):
        NpDataset(params(write(make_data([9, 9])), load_episode_range=[0.1, 0.4]), spec)
    file = write(make_data([9, 9, 9]), "three.npz")
    advice = r"at least 10 episodes, or a wider range such as \[0.66, 1.0\]"
    with pytest.raises(DataError, match=advice):
        NpDataset(params(file, load_episode_range=[0.9, 1.0]), spec)
    assert NpDataset(params(file, load_episode_range=[0.66, 1.0]), spec).get_num_episodes() == 1


def test_several_files_and_a_limit_of_episodes(spec, make_data, write):
    files = [write(make_data([5, 6], 1), "a.npz"), write(make_data([7, 8], 2), "b.npz")]
    data = NpSequenceDataset(params(files, initial_load_episodes=3), spec)
    assert [data.episode_length(i) for i in range(3)] == [5, 6, 7]
    inputs, _ = data.get_episode(2)
    np.testing.assert_array_equal(inputs.image, make_data([7, 8], 2)["image"][:7])


def test_short_episodes_are_reported_or_padded(spec, make_data, write, caplog):
    file = write(make_data([3, 9]))
    with caplog.at_level(logging.WARNING, "muse.datasets"):
        NpSequenceDataset(params(file), spec)
    assert "1 of 2 episodes are shorter" in caplog.text
    padded = NpSequenceDataset(params(file, allow_padding=True), spec)
    inputs, _ = padded.get_batch([0, 1])
    assert inputs.padding_mask.tolist() == [[False, False, False, True], [False] * 4]
    assert (inputs.state[0, 3] == 0).all() and (inputs.image[0, 3] == 0).all()
    caplog.clear()
    repeated = NpSequenceDataset(params(file, pad_end_sequence=True), spec)
    assert not caplog.text
    with caplog.at_level(logging.WARNING, "muse.datasets"):
        NpSequenceDataset(params(file, pad_end_sequence=True, horizon=10), spec)
    assert "horizon=10 spans 10 steps, the longest of 2 episodes has 9" in caplog.text
    inputs, outputs = repeated.get_batch([2])
    assert inputs.state[0, :, 0].tolist() == [6.0] * 4 and outputs.done.all()


def test_a_horizon_longer_than_every_episode_is_refused(spec, make_data, write):
    file = write(make_data([5, 9]))
    with pytest.raises(DataError, match=r"horizon=5 with horizon_skip=3 spans 13 steps.*has 9"):
        NpSequenceDataset(params(file, horizon=5, horizon_skip=3), spec)


def test_onetime_values(make_spec, make_data, write):
    spec = make_spec(param_names=["param/size", "goal/state"], final_names=["final/state"])
    raw = make_data(LENGTHS)
    ends = np.cumsum(LENGTHS)
    raw["param/size"] = np.arange(4, dtype=np.float32)[:, None]
    raw["final/state"] = raw["state"]  # a value a step: the last one counts
    data = NpSequenceDataset(params(write(raw)), spec)
    inputs, _ = data.get_batch([0, len(data) - 1])
    assert inputs["param/size"].shape == (2, 4, 1)
    assert inputs["param/size"][:, 0, 0].tolist() == [0, 3]
    np.testing.assert_array_equal(inputs["goal/state"][1, 2], raw["state"][ends[2]])
    np.testing.assert_array_equal(inputs["final/state"][1, 0], raw["state"][-1])
    episode, _ = data.get_episode(1)
    assert episode["param/size"].shape == (3, 1)
    out = NpSequenceDataset(params(write(raw), final_names_as_inputs=False), spec).get_batch([0])[1]
    assert "final/state" in out
    with pytest.raises(DataError, match="goal/state"):
        NpSequenceDataset(params(write(raw), allow_missing_onetime=False), spec)
    assert data.get_statistics(["param/size"])["param/size"].mean.tolist() == [1.5]


def test_statistics_are_of_this_split_alone(spec, make_data, write):
    raw = make_data([6, 6])
    raw["state"][2, 1] = np.nan
    raw["arm/joint"][:, 0] = 7
    data = NpSequenceDataset(params(write(raw), load_episode_range=[0, 0.5]), spec)
    found = data.get_statistics(["state", "arm/joint", "image"])
    part = raw["state"][:6]
    np.testing.assert_allclose(found.state.mean, np.nanmean(part, 0), rtol=1e-6)
    np.testing.assert_allclose(found.state.std, np.nanstd(part, 0), rtol=1e-6)
    np.testing.assert_array_equal(found.state["max"], np.nanmax(part, 0))
    assert found["arm/joint"].std[0] == 1 and found["arm/joint"].mean[0] == 7
    image = raw["image"][:6].astype(np.float64)
    np.testing.assert_allclose(found.image.std, image.std(0), rtol=1e-5)
    assert found.image.mean.dtype == found.state.std.dtype == np.float32


def test_a_preprocessor_sees_every_episode(spec, make_data, write):
    group = AttrDict(cls=DataPreprocessor, name="half", episode_preproc_fn=every_other_step)
    data = NpSequenceDataset(params(write(make_data([8, 10])), data_preprocessors=[group]), spec)
    assert [data.episode_length(i) for i in range(2)] == [4, 5]
    assert "double" in data.get_batch([0])[0]
    check_dataset(data)


def every_other_step(episode, onetime, i):
    episode = episode.leaf_apply(lambda a: a[::2])
    episode["double"] = 2 * episode.action
    return episode, onetime, None


def test_obsolete_and_unknown_parameters_are_refused_with_a_hint(spec):
    with pytest.raises(ParamError, match="mmap_mode.*gone"):
        NpDataset(params("x.npz", mmap_mode="r"), spec)
    with pytest.raises(ParamError, match="horizon_skip"):
        NpDataset(params("x.npz", horizon_skp=2), spec)
    with pytest.raises(ParamError, match="frozen=True without file"):
        NpDataset(params(), spec)


def test_bad_requests_name_what_is_there(spec, make_data, write):
    data = NpSequenceDataset(params(write(make_data(LENGTHS))), spec)
    with pytest.raises(DataError, match="no window 18: the dataset has 18"):
        data.get_batch([18])
    with pytest.raises(DataError, match="Did you mean 'state'"):
        data.get_batch([0], names=["stat"])
    with pytest.raises(DataError, match="no episode 4"):
        data.get_episode(4)
    with pytest.raises(DataError, match="frozen"):
        data.add_episode(AttrDict())
    episodes = NpDataset(params(write(make_data(LENGTHS))), spec)
    with pytest.raises(DataError, match="no episode 9"):
        episodes.get_batch([9])
    with pytest.raises(DataError, match="episode 1 has 3 steps"):
        episodes.get_batch([1])
    with pytest.raises(DataError, match="no window starts at step 4 of episode 0"):
        episodes.get_batch([[0, 4]])


def test_works_without_torch_but_for_tensors(tmp_path, make_data, write):
    """A fresh interpreter in which torch cannot be imported."""
    write(make_data([9]))
    code = f"""
import sys
class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, NoTorch())
sys.path.insert(0, {str(__file__).rsplit("/", 1)[0]!r})
from conftest import spec_of
from muse.core.attrdict import AttrDict
from muse.core.errors import MissingExtraError
from muse.datasets import NpSequenceDataset
data = NpSequenceDataset(AttrDict(file={str(tmp_path / "data.npz")!r}, horizon=3, batch_size=2,
                                  frozen=True), spec_of())
assert len(list(data)) == 4
try:
    data.get_batch(torch_device="cpu")
except MissingExtraError as error:
    assert "muse-data[torch]" in str(error)
else:
    raise SystemExit("no error")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_is_a_torch_dataset_that_workers_share(spec, make_data, write):
    torch_data = pytest.importorskip("torch.utils.data")
    data = NpSequenceDataset(params(write(make_data(LENGTHS)), batch_size=5), spec)
    assert isinstance(data, torch_data.IterableDataset)
    alone = [inputs.state for inputs, _ in data]
    data.set_epoch(0)
    loader = torch_data.DataLoader(data, batch_size=None, num_workers=2, collate_fn=first)
    shared = [inputs.state for inputs, _ in loader]
    assert len(alone) == len(shared) == 4
    assert all(np.array_equal(a, b) for a, b in zip(alone, shared, strict=True))


def first(batch):
    return batch


@pytest.mark.parametrize("frozen", [True, False])
def test_columns_are_read_and_overwritten_by_step(frozen, make_spec, make_data, write):
    spec = make_spec(param_names=["param/size"])
    raw = make_data(LENGTHS)
    raw["param/size"] = np.arange(4, dtype=np.float32)[:, None]
    data = NpDataset(params(write(raw), frozen=frozen), spec)
    np.testing.assert_array_equal(data.get("state", [[3, -1]]), raw["state"][[[3, -1]]])
    data.set("state", [3, -1], [[1, 2, 3], [4, 5, 6]])
    assert data.get("state", [3, -1]).tolist() == [[1, 2, 3], [4, 5, 6]]
    data.set("param/size", [2], [[9]])
    assert data.get("param/size")[:, 0].tolist() == [0, 1, 9, 3]
    assert data.get_datadict().state.shape == (30, 3)
    assert data.get_num_periods() == 4 and data.period_length(1) == 3
    np.testing.assert_allclose(data.period_weights(), np.array([4, 0, 9, 5]) / 18)
    with pytest.raises(DataError, match="steps 30 to 30 are asked for; the dataset has 30"):
        data.get("state", [30])

"""Growing datasets: adding, evicting, saving."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, MuseError
from muse.datasets import NpDataset, NpSequenceDataset
from muse.datasets.testing import check_dataset


def growing(spec, **changes):
    return NpSequenceDataset(AttrDict({"horizon": 3, "batch_size": 4, **changes}), spec)


def episode(make_data, length, seed=0):
    data = AttrDict(make_data([length], seed))
    return data.leaf_filter(lambda k, v: k not in ("reward", "done")), AttrDict(
        reward=data.reward, done=data.done
    )


def step(tree, i):
    return tree.leaf_apply(lambda a: a[i : i + 1])


def test_added_episodes_are_sampled_and_the_oldest_leave(spec, make_data):
    data = growing(spec, capacity=20)
    with pytest.raises(DataError, match="nothing to sample"):
        data.get_batch()
    for seed, length in enumerate([8, 7, 9, 6]):
        data.add_episode(*episode(make_data, length, seed))
    assert [data.episode_length(i) for i in range(data.get_num_episodes())] == [9, 6]
    check_dataset(data)
    inputs, outputs = data.get_episode(1)
    np.testing.assert_array_equal(inputs.action, make_data([6], 3)["action"])
    assert inputs.rollout_timestep.tolist() == list(range(6)) and outputs.done[-1]


def test_steps_count_when_their_episode_ends(spec, make_data):
    data = growing(spec)
    inputs, outputs = episode(make_data, 5)
    for i in range(5):
        assert data.num_windows == 0
        data.add(step(inputs, i), step(outputs, i))
    assert data.num_windows == 3
    again, _ = data.get_episode(0)
    np.testing.assert_array_equal(again.image, inputs.image)
    assert again.rollout_timestep.tolist() == [0, 1, 2, 3, 4]


def test_terminate_ends_an_open_episode(spec, make_data):
    data = growing(spec)
    inputs, outputs = episode(make_data, 4)
    for i in range(3):
        data.add(step(inputs, i), step(outputs, i))
    with pytest.raises(DataError, match="terminate_episode"):
        data.add_episode(inputs, outputs)
    data.terminate_episode()
    data.terminate_episode()
    assert data.get_num_episodes() == 1 and data.get_episode(0)[1].done.tolist() == [0, 0, 1]


def test_onetime_values_of_added_episodes(make_spec, make_data):
    spec = make_spec(param_names=["param/size"], final_names=["final/state"])
    data = growing(spec)
    inputs, outputs = episode(make_data, 5)
    with pytest.raises(DataError, match="param/size"):
        data.add_episode(inputs, outputs)
    inputs["param/size"] = np.float32([[2]])
    inputs["final/state"] = inputs.state
    data.add_episode(inputs, outputs)
    got, _ = data.get_batch([0])
    np.testing.assert_array_equal(got["final/state"][0, 0], inputs.state[-1])
    assert got["param/size"].shape == (1, 3, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda i, o: i.update(action=i.action[:3]), "action.*3 steps"),
        (lambda i, o: i.update(state=i.state[:, :2]), r"state.*\(5, 2\).*expected"),
        (lambda i, o: i.pop("state"), "lacks 'state'"),
        (lambda i, o: i.update(action=np.full((5, 2), np.nan)), "not finite.*step 0"),
        (lambda i, o: i.update(image=i.image / 255), "image.*float64, expected uint8"),
        (lambda i, o: o.update(done=np.array([0, 1, 0, 0, 1], bool)), "True at step 1"),
        (lambda i, o: i.update(state=i.state.astype(object)), "object array"),
    ],
)
def test_bad_episodes_are_refused_and_leave_nothing(change, message, spec, make_data):
    data = growing(spec)
    inputs, outputs = episode(make_data, 5)
    change(inputs, outputs)
    with pytest.raises(DataError, match=message):
        data.add_episode(inputs, outputs)
    assert data.get_num_episodes() == 0 and data.store.open_steps == 0


@given(lengths=st.lists(st.integers(1, 8), min_size=1, max_size=5), capacity=st.integers(8, 30))
@settings(max_examples=20)
def test_saving_and_loading_is_lossless(tmp_path_factory, make_spec, make_data, lengths, capacity):
    spec = make_spec(param_names=["param/size"])
    data = growing(spec, capacity=capacity, output_file="unused.npz")
    for seed, length in enumerate(lengths):
        inputs, outputs = episode(make_data, length, seed)
        inputs["param/size"] = np.float32([seed])
        data.add_episode(inputs, outputs)
    path = data.save(tmp_path_factory.mktemp("save") / "run")
    assert path.suffix == ".npz"
    with np.load(path, allow_pickle=False) as raw:
        assert raw["done"].sum() == data.get_num_episodes() == len(raw["param/size"])
    again = NpDataset(AttrDict(file=str(path), horizon=1, batch_size=1, frozen=True), spec)
    for i in range(data.get_num_episodes()):
        for half, loaded in zip(data.get_episode(i), again.get_episode(i), strict=True):
            assert half == loaded


def test_saving_part_of_the_episodes_and_nothing(spec, make_data, tmp_path):
    data = growing(spec)
    with pytest.raises(DataError, match="nothing to save"):
        data.save(tmp_path / "a.npz")
    for seed, length in enumerate([4, 5, 6]):
        data.add_episode(*episode(make_data, length, seed))
    data.save(tmp_path / "a.npz", ep_range=(1, 2))
    with np.load(tmp_path / "a.npz") as raw:
        assert len(raw["done"]) == 5
    with pytest.raises(DataError, match="output_file"):
        data.save()
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_a_failed_save_leaves_the_old_file(spec, make_data, tmp_path):
    data = growing(spec)
    data.add_episode(*episode(make_data, 4))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MuseError, match="cannot write"):
        data.save(tmp_path / "file" / "a.npz")


def test_a_growing_dataset_begins_with_a_file(spec, make_data, write):
    file = write(make_data([6, 7]))
    data = growing(spec, file=file)
    data.add_episode(*episode(make_data, 5))
    assert data.get_num_episodes() == 3
    check_dataset(data)
    with pytest.raises(DataError, match="13 steps, more than capacity=10"):
        growing(spec, file=file, capacity=10)
    data.reset()
    assert data.get_num_episodes() == 0


def test_a_key_added_to_all_steps(spec, make_data):
    data = growing(spec)
    for seed, length in enumerate([4, 5]):
        data.add_episode(*episode(make_data, length, seed))
    data.add_key_to_dataset("latent", np.arange(9, dtype=np.float32)[:, None])
    assert data.get_batch([2])[0].latent[0, :, 0].tolist() == [4, 5, 6]
    with pytest.raises(DataError, match="for each of 9 steps"):
        data.add_key_to_dataset("other", np.zeros(8))
    with pytest.raises(DataError, match="already has"):
        data.add_key_to_dataset("state", np.zeros(9))

"""Recording into a store, and what readers and other writers see of it."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, UsageError
from muse.datasets import StoreDataset
from muse.datasets.commands.recover import recover as recover_command
from muse.datasets.store import Store, StoreRecorder, StoreWriter, recover
from muse.datasets.testing import check_dataset


def step(data, i, done=False):
    """One step, (1, …), of arrays (L, …)."""
    one = AttrDict((n, a[i : i + 1]) for n, a in data.items())
    one["done"] = np.array([done])
    return one


def record(recorder, data, steps=None):
    total = len(data["state"]) if steps is None else steps
    for i in range(total):
        recorder.add(step(data, i, steps is None and i == total - 1))


@pytest.fixture
def episode(make_data):
    def episode(length, seed=0, **more):
        data = make_data([length], seed)
        del data["done"]
        return {**data, **more}

    return episode


def test_what_was_recorded_is_what_is_read(spec, episode, tmp_path):
    episodes = [episode(9, 1), episode(1, 2), episode(12, 3)]
    with StoreRecorder(tmp_path / "demos", spec, sync_every=4, info={"fps": 10}) as recorder:
        record(recorder, episodes[0])
        recorder.add_episode(AttrDict(episodes[1]))
        record(recorder, episodes[2], 12)
        recorder.end_episode()
        recorder.end_episode()  # nothing is open
        assert recorder.num_episodes == 3 and recorder.open_steps == 0
        unfolded = Store.open(recorder.path)
    folded = Store.open(tmp_path / "demos")
    folded.verify()
    assert folded.manifest.info == {"fps": 10} and folded.manifest.salvaged == ()
    assert len(unfolded.recorded) == 3 and not folded.recorded
    for store in (unfolded, folded):
        assert store.lengths.tolist() == [9, 1, 12]
        for i, raw in enumerate(episodes):
            for name, array in raw.items():
                np.testing.assert_array_equal(store.read(name, i), array)
    data = StoreDataset(AttrDict(file=str(tmp_path / "demos"), horizon=3, batch_size=4))
    check_dataset(data)


def test_it_accepts_what_a_growing_dataset_accepts(make_spec, episode, tmp_path):
    spec = make_spec(param_names=["goal/state"], final_names=["final/state"])
    with StoreRecorder(tmp_path / "demos", spec) as recorder:
        data = episode(3)
        data["reward"] = data["reward"][:, 0].astype(np.float64)  # (L,) for (L, 1)
        for i in range(3):
            one = step(data, i, i == 2)
            one["final/state"] = np.full((1, 3), i, np.float32)
            recorder.add(one)
        with pytest.raises(DataError, match="lacks 'image'"):
            recorder.add(AttrDict((n, a[:1]) for n, a in data.items() if n != "image"))
        bad = step(data, 0)
        bad.action = np.full((1, 2), np.nan, np.float32)
        with pytest.raises(DataError, match="not finite"):
            recorder.add(bad)
    store = Store.open(tmp_path / "demos")
    np.testing.assert_array_equal(store.read("goal/state", 0), data["state"][0])
    assert store.read("final/state", 0).tolist() == [2, 2, 2]
    assert store.read("reward", 0).shape == (3, 1)


def test_the_callers_arrays_may_be_used_again(spec, episode, tmp_path):
    data = episode(6)
    buffer = step(data, 0).leaf_apply(np.array)
    with StoreRecorder(tmp_path / "demos", spec) as recorder:
        for i in range(6):
            for name, array in data.items():
                buffer[name][...] = array[i]
            recorder.add(buffer)
        recorder.end_episode()
    np.testing.assert_array_equal(Store.open(recorder.path).read("image", 0), data["image"])


def test_recording_goes_on_where_it_stopped(spec, episode, tmp_path, caplog):
    for seed in range(3):
        with StoreRecorder(tmp_path / "demos", spec if seed == 0 else None) as recorder:
            record(recorder, episode(4, seed))
    assert Store.open(recorder.path).lengths.tolist() == [4, 4, 4]
    recorder = StoreRecorder(recorder.path, fold_every=2)
    record(recorder, episode(5))
    assert len(Store.open(recorder.path).recorded) == 1
    with caplog.at_level(logging.WARNING, "muse.datasets"):
        StoreDataset(AttrDict(file=str(recorder.path), horizon=2, batch_size=2))
    assert "1 recorded episodes are not in the array files yet" in caplog.text
    record(recorder, episode(6))
    assert not Store.open(recorder.path).recorded
    recorder.close()
    recorder.close()
    assert Store.open(recorder.path).lengths.tolist() == [4, 4, 4, 5, 6]


def test_an_episode_can_be_thrown_away(spec, episode, tmp_path):
    with StoreRecorder(tmp_path / "demos", spec, sync_every=2) as recorder:
        record(recorder, episode(5, 1), 5)
        recorder.discard_episode()
        record(recorder, episode(3, 2))
    store = Store.open(recorder.path)
    assert store.lengths.tolist() == [3]
    np.testing.assert_array_equal(store.read("state", 0), episode(3, 2)["state"])


def test_a_second_writer_is_refused_and_told_who_writes(spec, episode, tmp_path):
    with StoreRecorder(tmp_path / "demos", spec) as recorder:
        record(recorder, episode(4))
        columns = Store.open(recorder.path).columns()
        for open_second in (
            lambda: StoreRecorder(recorder.path),
            lambda: StoreWriter(recorder.path, columns),
            lambda: recover(recorder.path),
        ):
            with pytest.raises(UsageError, match=r"store .*demos is in use by process \d+ on"):
                open_second()
    StoreRecorder(recorder.path).close()


def test_an_open_episode_stays_and_is_salvaged(make_spec, episode, tmp_path, capsys):
    spec = make_spec(param_names=["goal/state", "param/size"])
    recorder = StoreRecorder(tmp_path / "demos", spec, sync_every=100)
    record(recorder, episode(4, **{"param/size": np.ones((4, 1), np.float32)}))
    data = episode(7, 5)
    record(recorder, data, 7)
    recorder.close()
    path = str(recorder.path)
    with pytest.raises(DataError, match=f"muse data recover {path}"):
        StoreRecorder(path)
    with pytest.raises(DataError, match="muse data recover"):
        StoreWriter(path, Store.open(path).columns())
    recover_command(path)
    said = capsys.readouterr()
    assert "episode 1: 7 steps salvaged" in said.err + said.out
    assert "param/size" in said.err + said.out
    store = Store.open(path)
    store.verify()
    assert store.manifest.salvaged == (1,) and store.lengths.tolist() == [4, 7]
    np.testing.assert_array_equal(store.read("goal/state", 1), data["state"][0])
    assert store.read("param/size", 1).tolist() == [0]
    before = (recorder.path / "manifest.json").read_bytes()
    again = recover(path)
    assert not again.salvaged and not again.folded
    assert (recorder.path / "manifest.json").read_bytes() == before


def test_a_torn_or_damaged_tail_is_cut_off(spec, episode, tmp_path):
    recorder = StoreRecorder(tmp_path / "demos", spec, sync_every=3)
    record(recorder, episode(9), 9)
    recorder.close()
    log = recorder.path / "episodes" / "ep-000000.partial" / "steps.log"
    whole = log.read_bytes()
    damaged = bytearray(whole)
    damaged[-5] ^= 1
    for data, steps in ((whole[:-1], 6), (bytes(damaged), 6), (whole + b"MSEG", 9)):
        log.parent.mkdir(exist_ok=True)
        log.write_bytes(data)
        (salvaged,) = recover(recorder.path).salvaged
        assert salvaged.steps == steps and salvaged.torn_bytes > 0
        number = Store.open(recorder.path).manifest.episodes
        log = log.parents[1] / f"ep-{number:06d}.partial" / "steps.log"
    np.testing.assert_array_equal(
        Store.open(recorder.path).read("image", 0), episode(9)["image"][:6]
    )


def test_a_spec_of_other_shapes_is_refused(make_spec, episode, tmp_path):
    with StoreRecorder(tmp_path / "demos", make_spec()) as recorder:
        record(recorder, episode(3))
    rows = [list(r) for r in make_spec().params.names_shapes_limits_dtypes]
    rows[0][1] = [4]
    with pytest.raises(DataError, match=r"'state' of shape \(3,\)"):
        StoreRecorder(recorder.path, make_spec(names_shapes_limits_dtypes=rows))
    StoreRecorder(recorder.path).close()  # the refusal left no lock behind
    with pytest.raises(DataError, match="hand the recorder a spec"):
        StoreRecorder(tmp_path / "new")

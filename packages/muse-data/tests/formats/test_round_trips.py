"""Out to every format and back: what a format can hold comes back as it was."""

from __future__ import annotations

import json
import os
import shutil
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse.core.errors import DataError, MissingExtraError, UsageError
from muse.core.spec import ParamEnvSpec
from muse.datasets.commands.main import main
from muse.datasets.formats.catalogue import TARGETS, open_source, target_for
from muse.datasets.formats.target import entries

LENGTHS = [5, 1, 7]
STEPS = ("state", "arm/joint", "images/top", "action", "reward", "terminated")


@pytest.fixture(scope="module")
def npz(tmp_path_factory):
    """A Muse file with pictures, nested names, flags, text, and values once an episode."""
    rng = np.random.default_rng(0)
    n, episodes = sum(LENGTHS), len(LENGTHS)
    done = np.zeros(n, bool)
    done[np.cumsum(LENGTHS) - 1] = True
    smooth = np.linspace(0, 255, 16 * 24 * 3).reshape(16, 24, 3)
    arrays = {
        "state": rng.normal(size=(n, 3)).astype(np.float32),
        "arm/joint": rng.normal(size=(n, 2, 2)).astype(np.float32),
        "images/top": np.stack([(smooth + 3 * i) % 256 for i in range(n)]).astype(np.uint8),
        "action": rng.uniform(-1, 1, (n, 2)).astype(np.float32),
        "reward": rng.normal(size=n).astype(np.float32),
        "terminated": done.copy(),
        "param/size": rng.normal(size=(episodes, 1)).astype(np.float32),
        "final/state": rng.normal(size=(episodes, 3)).astype(np.float32),
        "task": np.array(["lift it", "put it down", "lift it"]),
        "done": done,
    }
    path = tmp_path_factory.mktemp("trip") / "small.npz"
    np.savez_compressed(path, **arrays)
    return path


def there_and_back(npz, folder, format, **options):
    out = folder / ("small-v0" if format == "minari" else "small.hdf5")
    source, counted = open_source(npz), []
    target_for(out, format, options).write(source, out, counted.append)
    assert sum(counted) == entries(source)
    return source, open_source(out)


def assert_same(source, back, names, lossy=()):
    assert back.lengths.tolist() == source.lengths.tolist()
    columns = {c.name: c for c in back.columns()}
    for name in names:
        assert name in columns, f"{name} is lost; there are {list(columns)}"
        for i in range(len(source.lengths)):
            was, now = source.read(name, i), back.read(name, i)
            assert now.shape == was.shape
            if name in lossy:
                assert np.abs(now.astype(int) - was.astype(int)).mean() < 12
            else:
                np.testing.assert_array_equal(now, was)
        pieces = np.concatenate(list(back.pieces(name)))
        whole = [back.read(name, i) for i in range(len(source.lengths))]
        joined = np.concatenate(whole) if columns[name].per == "step" else np.stack(whole)
        np.testing.assert_array_equal(pieces, joined)


ONCE = ("param/size", "final/state", "task")


def test_npz(npz, tmp_path):
    source = open_source(npz)
    target_for("a.npz").write(source, tmp_path / "a.npz")
    assert_same(source, open_source(tmp_path / "a.npz"), STEPS + ONCE)


def test_store(npz, tmp_path):
    source = open_source(npz)
    target_for("a").write(source, tmp_path / "a")
    back = open_source(tmp_path / "a")
    assert_same(source, back, [c.name for c in back.columns()])
    assert set(STEPS) <= {c.name for c in back.columns()}


def test_robomimic(npz, tmp_path):
    source, back = there_and_back(npz, tmp_path, "robomimic")
    assert_same(source, back, STEPS + ONCE)
    assert target_for("a", "robomimic").losses(source)[0].startswith("the true observation")


def test_zarr(npz, tmp_path):
    pytest.importorskip("zarr")
    source, back = there_and_back(npz, tmp_path, "zarr")
    assert_same(source, back, STEPS + ONCE)


def test_d4rl(npz, tmp_path):
    source, back = there_and_back(npz, tmp_path, "d4rl")
    assert_same(source, back, ("action", "reward", "terminated"))
    for i in range(len(LENGTHS)):
        state, joint = source.read("state", i), source.read("arm/joint", i)
        side_by_side = np.concatenate([state, joint.reshape(len(joint), -1)], axis=1)
        np.testing.assert_array_equal(back.read("obs", i), side_by_side)
    losses = " ".join(target_for("a", "d4rl").losses(source))
    assert all(name in losses for name in ("images/top", "task", "become one array"))


def test_minari_without_minari(npz, tmp_path):
    source, back = there_and_back(npz, tmp_path, "minari")
    for name in ("state", "arm/joint", "images/top"):
        for i in range(len(LENGTHS)):
            np.testing.assert_array_equal(back.read(f"obs/{name}", i), source.read(name, i))
    assert_same(source, back, ("action", "reward", "terminated"))
    last = [back.read("final/obs/state", i) for i in range(3)]
    np.testing.assert_array_equal(last, [source.read("final/state", i) for i in range(3)])
    with pytest.raises(UsageError, match="expected one such as 'my-set-v0'"):
        target_for("a", "minari").write(source, tmp_path / "my set")


@pytest.mark.parametrize("format", ["lerobot", "lerobot_v2.1"])
@pytest.mark.parametrize("images", ["video", "png"])
def test_lerobot(npz, tmp_path, format, images):
    pytest.importorskip("pyarrow")
    pytest.importorskip("av")
    source, back = there_and_back(npz, tmp_path, format, images=images)
    assert_same(source, back, (*STEPS, "task"), lossy=("images/top",) if images == "video" else ())
    assert back.info["fps"] == 10
    assert back.filters["train"] == [0, 1, 2]
    assert back.unplaced() and all("counted" in x or "in words" in x for x in back.unplaced())


def test_minari_reads_what_is_written_for_it(npz, tmp_path):
    minari = pytest.importorskip("minari")
    source, _ = there_and_back(npz, tmp_path, "minari")
    dataset = minari.MinariDataset(tmp_path / "small-v0" / "data")
    assert (dataset.total_episodes, dataset.total_steps) == (3, sum(LENGTHS))
    keeps_pictures = tuple(map(int, minari.__version__.split(".")[:3])) >= (0, 5, 4)
    if not keeps_pictures:
        pytest.skip("minari before 0.5.4 takes every picture for a JPEG")
    for i, episode in enumerate(dataset.iterate_episodes()):
        np.testing.assert_array_equal(episode.actions, source.read("action", i))
        np.testing.assert_array_equal(episode.rewards, source.read("reward", i))
        np.testing.assert_array_equal(episode.terminations, source.read("terminated", i))
        seen = episode.observations["images"]["top"]
        np.testing.assert_array_equal(seen[:-1], source.read("images/top", i))
        state = episode.observations["state"]
        np.testing.assert_array_equal(state[-1], source.read("final/state", i))
        assert dataset.observation_space.contains(
            {
                "state": state[0],
                "arm": {"joint": episode.observations["arm"]["joint"][0]},
                "images": {"top": seen[0]},
            }
        )


def test_robomimic_reads_what_is_written_for_it(npz, tmp_path):
    pytest.importorskip("torch")
    obs_utils = pytest.importorskip(
        "robomimic.utils.obs_utils", reason="pip install --no-deps robomimic, and what it imports"
    )
    from robomimic.utils.dataset import SequenceDataset

    source, _ = there_and_back(npz, tmp_path, "robomimic")
    modalities = {"low_dim": ["state", "arm.joint"], "rgb": ["images.top"]}
    obs_utils.initialize_obs_utils_with_obs_specs({"obs": modalities})
    dataset = SequenceDataset(
        str(tmp_path / "small.hdf5"),
        obs_keys=("state", "arm.joint", "images.top"),
        dataset_keys=("actions", "rewards", "dones"),
        seq_length=3,
        hdf5_use_swmr=False,
    )
    assert len(dataset) == sum(LENGTHS)
    item = dataset[1]  # steps 1 to 3 of the first episode
    np.testing.assert_array_equal(item["actions"], source.read("action", 0)[1:4])
    np.testing.assert_array_equal(item["obs"]["state"], source.read("state", 0)[1:4])
    np.testing.assert_array_equal(item["next_obs"]["state"], source.read("state", 0)[2:5])
    picture = item["obs"]["images.top"]
    np.testing.assert_array_equal(picture, source.read("images/top", 0)[1:4])
    last = dataset[len(dataset) - 1]
    np.testing.assert_array_equal(last["next_obs"]["state"][-1], source.read("final/state", 2))
    assert last["dones"][-1] == 1


def test_lerobot_schema(npz, tmp_path):
    """The fields LeRobot's own loaders look up, by version."""
    parquet = pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("av")
    there_and_back(npz, tmp_path, "lerobot")
    root = tmp_path / "small.hdf5"
    info = json.loads((root / "meta" / "info.json").read_text())
    assert info["codebase_version"] == "v3.0" and info["total_frames"] == sum(LENGTHS)
    assert info["features"]["observation.images.top"]["dtype"] == "video"
    assert info["features"]["observation.state"]["shape"] == [3]
    episodes = parquet.read_table(root / "meta" / "episodes" / "chunk-000" / "file-000.parquet")
    assert episodes["dataset_to_index"].to_pylist() == np.cumsum(LENGTHS).tolist()
    needed = {"tasks", "length", "data/chunk_index", "data/file_index", "dataset_from_index"}
    needed |= {f"videos/observation.images.top/{n}" for n in ("file_index", "from_timestamp")}
    assert needed | {"stats/action/mean"} <= set(episodes.column_names)
    stats = json.loads((root / "meta" / "stats.json").read_text())
    actions = np.concatenate(list(open_source(npz).pieces("action")))
    np.testing.assert_allclose(stats["action"]["mean"], actions.mean(0), rtol=1e-5)
    np.testing.assert_allclose(stats["action"]["std"], actions.std(0), rtol=1e-5)
    assert np.shape(stats["observation.images.top"]["mean"]) == (3, 1, 1)
    rows = parquet.read_table(root / "data" / "chunk-000" / "file-000.parquet")
    assert rows["index"].to_pylist() == list(range(sum(LENGTHS)))
    assert rows["task_index"].to_pylist() == [0] * 5 + [1] + [0] * 7


def test_a_folder_of_another_kind_is_never_replaced(npz, tmp_path):
    pytest.importorskip("zarr")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("all of it")
    with pytest.raises(UsageError, match="in the way"):
        main(
            ["export", str(npz), "--to", str(tmp_path / "home"), "--format", "zarr", "--overwrite"]
        )
    assert os.listdir(tmp_path / "home") == ["thesis.txt"]


def test_nothing_is_left_of_a_failed_write(npz, tmp_path):
    class Breaking:
        def __init__(self, base):
            self._base = base

        def __getattr__(self, name):
            return getattr(self._base, name)

        def read(self, name, episode):
            if episode == 2:
                raise DataError("broken")
            return self._base.read(name, episode)

        def pieces(self, name, episodes=None):
            yield from (self.read(name, i) for i in range(3))

    for format in TARGETS:
        if format == "store":
            continue
        with pytest.raises(DataError, match="broken"):
            target_for("x", format).write(Breaking(open_source(npz)), tmp_path / "small-v0")
        assert os.listdir(tmp_path) == [], format


def test_spec_of_what_was_imported(npz, tmp_path):
    _, back = there_and_back(npz, tmp_path, "robomimic")
    spec = ParamEnvSpec(back.spec_params())
    assert spec.observation_names == ("arm/joint", "images/top", "state")
    assert spec.action_names == ("action",) and "reward" in spec.output_observation_names
    assert spec.final_names == ("final/state",) and spec.param_names == ("param/size",)


@pytest.mark.parametrize("format", ["npz", "robomimic", "zarr"])
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.lists(st.integers(2, 6), min_size=1, max_size=4),
    shape=st.lists(st.integers(1, 3), max_size=3).map(tuple),
    dtype=st.sampled_from(["float32", "uint8", "int64", "bool", "int16"]),
    words=st.text("aé中 /\n", max_size=4),
)
def test_any_shape_and_type(tmp_path, format, lengths, shape, dtype, words):
    pytest.importorskip("zarr")
    rng = np.random.default_rng(0)
    done = np.zeros(sum(lengths), bool)
    done[np.cumsum(lengths) - 1] = True
    values = {
        "thing": rng.integers(0, 2, (len(done), *shape)).astype(dtype),
        "action": rng.normal(size=(len(done), 2)).astype(np.float32),
        "param/thing": rng.integers(0, 2, (len(lengths), *shape)).astype(dtype),
        "words": np.array([words + str(i) for i in range(len(lengths))]),
    }
    np.savez(tmp_path / "a.npz", done=done, **values)
    for old in tmp_path.glob("out*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    out = tmp_path / {"npz": "out.npz", "robomimic": "out.hdf5", "zarr": "out"}[format]
    with open_source(tmp_path / "a.npz") as source:
        target_for(out, format).write(source, out)
        with open_source(out) as back:
            there = {c.name: (c.shape, c.dtype, c.per) for c in back.columns()}
            for column in source.columns():
                assert there[column.name] == (column.shape, column.dtype, column.per)
            assert_same(source, back, values)


@pytest.mark.parametrize(
    ("format", "module", "extra"),
    [("lerobot", "pyarrow", "arrow"), ("lerobot", "av", "video"), ("zarr", "zarr", "zarr")],
)
def test_what_is_not_installed_is_named(npz, tmp_path, monkeypatch, format, module, extra):
    if module == "av":
        pytest.importorskip("pyarrow")
    monkeypatch.setitem(sys.modules, module, None)
    with open_source(npz) as source, pytest.raises(MissingExtraError, match=f"data.{extra}."):
        target_for("x", format).write(source, tmp_path / "out")
    assert os.listdir(tmp_path) == []

"""Public demonstrations come over complete, checked against the raw files."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from muse.core.errors import UsageError
from muse.core.spec import ParamEnvSpec
from muse.datasets.commands.main import main
from muse.datasets.formats.catalogue import open_source

DEMOS = {
    "panda_v1/lift": [412],
    "panda_v1/stack": [532],
    "panda_v1/pick-place": [1482],
    "panda_v1/nut-assembly": [1036],
    "panda_v1/door": [261],
    "panda_v1/wipe": [174],
    "panda_v14/lift": [482, 510, 392],
}


def test_adroit_door(real_data, tmp_path):
    path = real_data / "adroit_door" / "door-v0_demos.npz"
    assert main(["import", str(path), "--to", str(tmp_path / "door.npz")]) == 0
    source = open_source(tmp_path / "door.npz")
    with np.load(path) as raw:
        assert source.lengths.tolist() == np.diff(raw["episode_ends"], prepend=0).tolist()
        assert len(source.lengths) == 25 and source.lengths.sum() == 6729
        for name, key in (("obs", "observations"), ("action", "actions"), ("reward", "rewards")):
            got = np.concatenate(list(source.pieces(name)))
            np.testing.assert_array_equal(got, raw[key].astype(np.float32))
        for name in ("init_qpos", "init_qvel", "init_door_body_pos"):
            got = np.concatenate(list(source.pieces(name)))
            np.testing.assert_array_equal(got, raw[name].astype(np.float32))


@pytest.mark.parametrize("name", list(DEMOS))
def test_robosuite_demos(real_data, name):
    folder = real_data / "robosuite_demos" / name
    with open_source(folder) as source, h5py.File(folder / "demo.hdf5") as raw:
        assert source.lengths.tolist() == DEMOS[name]
        assert source.unplaced() == [] and source.info["env"] == raw["data"].attrs["env"]
        assert source.info["env_info"]["robots"] == "Panda"
        for i in range(len(source.lengths)):
            demo = raw[f"data/demo_{i + 1}"]
            np.testing.assert_array_equal(source.read("states", i), demo["states"][()])
            actions = demo["actions"][()].astype(np.float32)
            np.testing.assert_array_equal(source.read("action", i), actions)
            assert source.read("states", i).dtype == np.float64
            assert str(source.read("model_xml", i)).lstrip().startswith("<mujoco")
        spec = ParamEnvSpec(source.spec_params())
        assert spec.action_names == ("action",) and "states" not in spec.observation_names


def test_g1_numbers(real_data):
    parquet = pytest.importorskip("pyarrow.parquet")
    root = real_data / "g1_pick_bottle"
    with open_source(root, options={"without_video": True}) as source:
        assert len(source.lengths) == 100 and source.lengths.sum() == 35965
        assert source.info["fps"] == 30 and source.info["robot"] == "Unitree_G1_Inspire"
        for i in range(100):
            file = root / "data" / "chunk-000" / f"episode_{i:06d}.parquet"
            table = parquet.read_table(file)
            for name, key in (("state", "observation.state"), ("action", "action")):
                raw = np.array(table[key].to_pylist(), np.float32)
                np.testing.assert_array_equal(source.read(name, i), raw)
            assert str(source.read("task", i)) == "Pick up the yellow bottle on the table."
        stats = (root / "meta" / "episodes_stats.jsonl").read_text().splitlines()
        own = json.loads(stats[41])["stats"]["action"]
        np.testing.assert_allclose(source.read("action", 41).mean(0), own["mean"], atol=1e-5)


def test_g1_videos(real_data):
    av = pytest.importorskip("av")
    root = real_data / "g1_pick_bottle"
    with open_source(root) as source:
        assert any("94 of 100 videos are missing" in line for line in source.unplaced())
    with open_source(root, options={"only_with_video": True}) as source:
        assert source.lengths.tolist() == [290, 421, 372, 342, 362, 386]
        assert source.filters == {"train": list(range(6))}
        for i in range(6):
            frames = source.read("images/cam_high", i)
            assert frames.shape == (source.lengths[i], 480, 640, 3)
            video = root / "videos" / "chunk-000" / "observation.images.cam_high"
            with av.open(str(video / f"episode_{10 + i:06d}.mp4")) as container:
                assert container.streams.video[0].frames == len(frames)
                first = next(container.decode(video=0)).to_ndarray(format="rgb24")
            np.testing.assert_array_equal(frames[0], first)
            # The colours LeRobot noted of this episode, of values from 0 to 1.
            lines = (root / "meta" / "episodes_stats.jsonl").read_text().splitlines()
            noted = json.loads(lines[10 + i])["stats"]["observation.images.cam_high"]["mean"]
            seen = frames[::10].mean((0, 1, 2)) / 255
            np.testing.assert_allclose(seen, np.array(noted).reshape(3), atol=0.03)


def test_g1_goes_out_as_v3_and_comes_back(real_data, tmp_path):
    pytest.importorskip("pyarrow")
    root = real_data / "g1_pick_bottle"
    argv = ["convert", str(root), str(tmp_path / "v3"), "--format", "lerobot", "--without-video"]
    assert main(argv) == 0
    with (
        open_source(root, options={"without_video": True}) as was,
        open_source(tmp_path / "v3") as now,
    ):
        assert (
            now.info["format"] == "lerobot v3.0"
            and now.info["names"]["action"] == was.info["names"]["action"]
        )
        assert now.lengths.tolist() == was.lengths.tolist()
        for name in ("state", "action", "timestamp"):
            for i in (0, 57, 99):
                np.testing.assert_array_equal(now.read(name, i), was.read(name, i))


def test_an_option_of_another_format_is_refused(real_data):
    path = real_data / "adroit_door" / "door-v0_demos.npz"
    with pytest.raises(UsageError, match="no option --without-video"):
        main(["import", str(path), "--to", "x.npz", "--without-video"])

"""The real Push-T episodes, and small folders in their layout."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, UsageError
from muse.core.spec import ParamEnvSpec
from muse.datasets import NpSequenceDataset
from muse.datasets.commands.main import main
from muse.datasets.formats.catalogue import open_source, target_for

zarr = pytest.importorskip("zarr", reason="the extra zarr")


def pusht_spec():
    return ParamEnvSpec(
        AttrDict(
            names_shapes_limits_dtypes=[
                ("agent_pos", (2,), (-512, 1024), np.float32),
                ("block_pose", (3,), (-512, 1024), np.float32),
                ("keypoints", (18,), (-512, 1024), np.float32),
                ("image", (96, 96, 3), (0, 255), np.uint8),
                ("action", (2,), (0, 512), np.float32),
            ],
            observation_names=["agent_pos", "block_pose", "keypoints", "image"],
            output_observation_names=[],
            action_names=["action"],
        )
    )


@pytest.fixture
def folder(tmp_path):
    """Two episodes of 3 and 4 steps."""
    rng = np.random.default_rng(0)
    group = zarr.open_group(str(tmp_path / "t.zarr"), mode="w", zarr_format=2)
    state = rng.uniform(0, 512, (7, 5)).astype(np.float32)
    state[:, 4] = np.linspace(-4, 8, 7)
    arrays = {
        "data/state": state,
        "data/action": rng.uniform(0, 512, (7, 2)).astype(np.float32),
        "data/keypoint": rng.uniform(0, 512, (7, 9, 2)).astype(np.float32),
        "data/img": rng.integers(0, 256, (7, 96, 96, 3)).astype(np.float32),
        "data/n_contacts": np.zeros((7, 1), np.float32),
        "meta/episode_ends": np.array([3, 7]),
    }
    for name, array in arrays.items():
        group.create_array(name, data=array)
    return tmp_path / "t.zarr", arrays


def test_import_writes_the_env_names(folder, tmp_path, capsys, monkeypatch):
    path, arrays = folder
    monkeypatch.setenv("MUSE_DIR", str(tmp_path))
    assert main(["import", str(path), "--dry-run"]) == 0
    assert not (tmp_path / "data").exists()
    assert "n_contacts" in capsys.readouterr().err
    assert main(["import", str(path)]) == 0
    with pytest.raises(UsageError, match="--overwrite"):
        main(["import", str(path)])
    assert main(["import", str(path), "--overwrite"]) == 0
    data = NpSequenceDataset(
        AttrDict(file="pusht/human.npz", horizon=3, batch_size=2, frozen=True), pusht_spec()
    )
    assert [data.episode_length(i) for i in range(2)] == [3, 4]
    state = arrays["data/state"]
    np.testing.assert_array_equal(data.get("agent_pos"), state[:, :2])
    np.testing.assert_array_equal(data.get("block_pose")[:, :2], state[:, 2:4])
    angle = data.get("block_pose")[:, 2]
    assert (angle >= 0).all() and (angle <= 2 * np.pi).all()
    np.testing.assert_allclose(np.cos(angle), np.cos(state[:, 4]), atol=1e-5)
    np.testing.assert_array_equal(data.get("keypoints").reshape(7, 9, 2), arrays["data/keypoint"])
    np.testing.assert_array_equal(data.get("image"), arrays["data/img"])
    capsys.readouterr()
    assert main(["info", "pusht/human"]) == 0
    assert "2 episodes, 7 steps (3 to 4" in capsys.readouterr().out


def test_damaged_folders_are_one_line(folder, tmp_path):
    path, _ = folder
    chunk = next((path / "data" / "img").glob("0*"))
    chunk.write_bytes(chunk.read_bytes()[:-40])
    with pytest.raises(DataError, match="data/img cannot be read"):
        target_for("out.npz").write(open_source(path), tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()
    (path / "data" / "state" / ".zarray").unlink()
    with pytest.raises(DataError, match="data/state has shape None"):
        open_source(path)
    with pytest.raises(DataError, match="no format known"):
        open_source(tmp_path)
    with pytest.raises(DataError, match="not found"):
        open_source(tmp_path / "t.zar")
    with pytest.raises(UsageError, match="Did you mean 'pusht_zarr'"):
        open_source(path, "pusht_zar")


def test_real_episodes_come_over_complete(real_data):
    path = real_data / "pusht" / "pusht_cchi_v7_replay.zarr"
    source = open_source(path)
    assert len(source.lengths) == 206 and source.lengths.sum() == 25650
    assert (source.lengths.min(), source.lengths.max()) == (49, 246)
    raw = zarr.open_group(str(path), mode="r")
    names = ("agent_pos", "block_pose", "keypoints", "action")
    got = {n: np.concatenate(list(source.pieces(n))) for n in names}
    np.testing.assert_array_equal(got["agent_pos"], raw["data/state"][:, :2])
    np.testing.assert_array_equal(got["block_pose"][:, :2], raw["data/state"][:, 2:4])
    np.testing.assert_array_equal(got["action"], raw["data/action"][:])
    np.testing.assert_array_equal(got["keypoints"], raw["data/keypoint"][:].reshape(-1, 18))
    np.testing.assert_array_equal(np.cumsum(source.lengths), raw["meta/episode_ends"][:])
    assert got["action"].min() >= 0 and got["action"].max() <= 512
    for i in (0, 100, 205):
        begin = int(source.lengths[:i].sum())
        image = source.read("image", i)
        np.testing.assert_array_equal(image, raw["data/img"][begin : begin + len(image)])
    assert ParamEnvSpec(source.spec_params()).action_names == ("action",)

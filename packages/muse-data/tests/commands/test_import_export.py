"""`muse data import`, `export` and `convert` as one types them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from muse.configs import load_config
from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, UsageError
from muse.core.params import instantiate
from muse.datasets import NpSequenceDataset
from muse.datasets.commands.main import main
from muse.datasets.formats.catalogue import SOURCES, TARGETS


@pytest.fixture
def demos(tmp_path):
    """Three robomimic demonstrations, the second named in a subset."""
    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "demos.hdf5", "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = '{"env_name": "Lift", "env_kwargs": {"control_freq": 20}}'
        for i, length in enumerate((4, 5, 6)):
            demo = data.create_group(f"demo_{i}")
            demo["obs/pos"] = rng.normal(size=(length, 3))
            demo["obs/extra"] = rng.normal(size=(length, 2))
            demo["next_obs/pos"] = rng.normal(size=(length, 3))
            demo["actions"] = rng.normal(size=(length, 2))
            demo["rewards"] = np.zeros(length)
            demo["dones"] = np.zeros(length)
            demo["states"] = rng.normal(size=(length, 7))
        file["mask/valid"] = np.array([b"demo_1"])
    return tmp_path / "demos.hdf5"


def test_dry_run_shows_the_plan_and_writes_nothing(demos, tmp_path, capsys):
    out = tmp_path / "out.npz"
    assert main(["import", str(demos), "--to", str(out), "--dry-run"]) == 0
    shown = capsys.readouterr()
    for line in ("obs/pos", "actions", "states", "float64", "(7,)"):
        assert line in shown.out
    for line in (
        "3 episodes, 15 steps, 4 to 6 each",
        "left out: next_obs/pos (obs one step on)",
        "left out: dones (done follows",
        "subsets for --filter: valid (1)",
        "nothing written",
    ):
        assert line in shown.err
    assert not out.exists()


def test_from_import_to_batches_with_the_spec_that_was_written(demos, tmp_path, capsys):
    assert main(["import", str(demos), "--to", str(tmp_path / "lift.npz")]) == 0
    assert "lift_spec.py" in capsys.readouterr().err
    spec = instantiate(load_config(str(tmp_path / "lift_spec.py"), []).params)
    assert spec.observation_names == ("extra", "pos") and spec.action_names == ("action",)
    params = AttrDict(file=str(tmp_path / "lift.npz"), horizon=3, batch_size=4, frozen=True)
    inputs, outputs = NpSequenceDataset(params, spec).get_batch()
    assert inputs["pos"].shape == (4, 3, 3) and outputs["reward"].shape == (4, 3)


def test_map_drop_and_filter(demos, tmp_path):
    argv = ["import", str(demos), "--to", str(tmp_path / "a.npz"), "--filter", "valid"]
    assert main([*argv, "--map", "pos=ee/position", "--drop", "extra"]) == 0
    with np.load(tmp_path / "a.npz") as out, h5py.File(demos) as raw:
        pos = raw["data/demo_1/obs/pos"][()].astype(np.float32)
        np.testing.assert_array_equal(out["ee/position"], pos)
        assert out["states"].dtype == np.float64
        assert "extra" not in out and "pos" not in out and len(out["done"]) == 5
    with pytest.raises(UsageError, match="Did you mean 'valid'"):
        main([*argv[:-1], "vald"])
    with pytest.raises(DataError, match="Did you mean 'pos'"):
        main([*argv, "--drop", "poss"])
    with pytest.raises(UsageError, match="expected OLD=NEW"):
        main([*argv, "--map", "pos"])


def test_a_new_name_is_what_a_key_is_for(demos, tmp_path, capsys):
    argv = ["convert", str(demos), str(tmp_path / "a.hdf5"), "--format", "d4rl"]
    with pytest.raises(DataError, match="--map OLD=action"):
        main([*argv, "--drop", "action"])
    assert main([*argv, "--drop", "action", "--map", "extra=action"]) == 0
    with h5py.File(tmp_path / "a.hdf5") as new, h5py.File(demos) as old:
        extra = old["data/demo_0/obs/extra"][()].astype(np.float32)
        np.testing.assert_array_equal(new["actions"][:4], extra)


def test_to_a_store_and_out_again(demos, tmp_path):
    store, back = tmp_path / "store", tmp_path / "back.hdf5"
    assert main(["import", str(demos), "--to", str(store)]) == 0
    assert main(["export", str(store), "--to", str(back), "--format", "robomimic"]) == 0
    with h5py.File(back) as new, h5py.File(demos) as old:
        assert new["mask/valid"][()].tolist() == [b"demo_1"]
        assert "Lift" in new["data"].attrs["env_args"]
        for i in range(3):
            for key in ("obs/pos", "obs/extra", "actions", "rewards", "states"):
                was = old[f"data/demo_{i}/{key}"][()]
                now = new[f"data/demo_{i}/{key}"][()]
                np.testing.assert_array_equal(now, was if key == "states" else was.astype("f4"))


def test_convert_warns_of_what_is_lost(demos, tmp_path, capsys):
    out = tmp_path / "flat.hdf5"
    assert main(["convert", str(demos), str(out), "--format", "d4rl"]) == 0
    shown = capsys.readouterr().err
    assert "flat.hdf5 will not hold the names of observations: extra, pos become one" in shown
    assert "the subsets valid" in shown
    with pytest.raises(UsageError, match="--overwrite"):
        main(["convert", str(demos), str(out), "--format", "d4rl"])
    assert main(["convert", str(demos), str(out), "--format", "d4rl", "--overwrite"]) == 0


def test_every_format_is_listed(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["convert", "--list-formats"])
    assert ended.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    for name in (*SOURCES, *TARGETS):
        assert any(line.startswith(f"{name} ") and len(line.split()) > 1 for line in lines), name


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["export", "x", "--to", "y"], "--format"),
        (["export", "x", "--to", "y", "--format", "robomimc"], "Did you mean 'robomimic'"),
        (["convert", "x", "y", "--format", "d4rl", "--images", "png"], "no option --images"),
    ],
)
def test_wrong_use(argv, message):
    with pytest.raises(UsageError, match=message):
        main(argv)

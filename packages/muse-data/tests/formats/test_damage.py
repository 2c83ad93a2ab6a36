"""Damaged data of every format: one clear line each, no crash, little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from muse.datasets.formats.catalogue import open_source, target_for

ROUNDS = int(os.environ.get("MUSE_FUZZ_ROUNDS", "100"))
HDF5_ROUNDS = ROUNDS // 4  # each is first read in a process of its own
MOST_MIB = 600  # beyond the undamaged set; the sets have less than one

FORMATS = {
    "npz": (None, "set.npz", {}),
    "plain_npz": (None, "set.npz", {}),
    "robomimic": ("robomimic", "set.hdf5", {}),
    "d4rl": ("d4rl", "set.hdf5", {}),
    "zarr": ("zarr", "set.zarr", {}),
    "minari": ("minari", "set-v0", {}),
    "lerobot": ("lerobot", "set", {"images": "png"}),
    "lerobot_v2.1": ("lerobot_v2.1", "set", {}),
    "numpy": (None, "set", {}),
}
NEEDS = {"zarr": "zarr", "lerobot": "pyarrow", "lerobot_v2.1": "av"}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    rng = np.random.default_rng(0)
    done = np.zeros(24, bool)
    done[[9, 23]] = True
    path = tmp_path_factory.mktemp("good") / "set.npz"
    np.savez_compressed(
        path,
        state=rng.normal(size=(24, 4)).astype(np.float32),
        image=rng.integers(0, 256, (24, 16, 16, 3), dtype=np.uint8),
        action=rng.normal(size=(24, 2)).astype(np.float32),
        task=np.array(["a", "bc"]),
        done=done,
    )
    return path


@pytest.mark.parametrize("name", list(FORMATS))
def test_damage_is_refused_or_harmless(good, name, tmp_path):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    target, file, options = FORMATS[name]
    path = good
    if name == "numpy":
        path = tmp_path / file
        path.mkdir()
        with np.load(good) as arrays:
            for key in arrays.files:
                np.save(path / key, arrays[key])
    elif target is not None:
        path = tmp_path / file
        with open_source(good) as source:
            target_for(path, target, options).write(source, path)
    (tmp_path / "copies").mkdir()
    script = Path(__file__).parent / "read_damaged.py"
    format = name.partition("_v")[0]
    command = [sys.executable, str(script), str(path), str(tmp_path / "copies"), format]
    rounds = HDF5_ROUNDS if name in ("robomimic", "d4rl", "minari") else ROUNDS
    done = subprocess.run(
        [*command, "0", str(rounds)], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{name}: ended with {done.returncode}\n{done.stderr[-3000:]}"
    outcome = json.loads(done.stdout)
    assert outcome["refused"] + outcome["read"] == rounds
    assert outcome["refused"] > rounds / 20, outcome
    assert outcome["more_mib"] < MOST_MIB, outcome

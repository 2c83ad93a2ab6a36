"""What Minari itself writes, in each of its ways, is read without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from muse.core.spec import ParamEnvSpec
from muse.datasets.formats.catalogue import open_source

minari = pytest.importorskip("minari")
spaces = pytest.importorskip("gymnasium").spaces
EpisodeBuffer = pytest.importorskip("minari.data_collector.episode_buffer").EpisodeBuffer

BOX = spaces.Box(-1, 1, (3,), np.float32)
PICTURES = spaces.Dict(
    {
        "state": spaces.Box(-1, 1, (3, 2), np.float32),
        "camera": spaces.Dict({"top": spaces.Box(0, 255, (8, 9, 3), np.uint8)}),
    }
)
TUPLE = spaces.Tuple((spaces.Box(-1, 1, (2,), np.float32), spaces.Discrete(5)))


def draw(space, count, rng):
    if isinstance(space, spaces.Dict):
        return {key: draw(inner, count, rng) for key, inner in space.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(draw(inner, count, rng) for inner in space)
    if isinstance(space, spaces.Discrete):
        return rng.integers(0, space.n, count)
    if space.dtype == np.uint8:
        return rng.integers(0, 256, (count, *space.shape), dtype=np.uint8)
    return rng.uniform(-1, 1, (count, *space.shape)).astype(np.float32)


def collect(folder, monkeypatch, format, space):
    if format != "hdf5":
        pytest.importorskip("pyarrow")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(folder))
    rng = np.random.default_rng(0)
    episodes = [
        EpisodeBuffer(
            id=i,
            observations=draw(space, length + 1, rng),
            actions=draw(BOX, length, rng),
            rewards=rng.normal(size=length),
            terminations=np.arange(length) == length - 1,
            truncations=np.zeros(length, bool),
            infos={"qpos": rng.normal(size=(length + 1, 2))},
        )
        for i, length in enumerate((4, 1, 5))
    ]
    return minari.create_dataset_from_buffers(
        "arm/reach-v0", episodes, observation_space=space, action_space=BOX, data_format=format
    )


@pytest.mark.parametrize("format", ["hdf5", "arrow", "parquet"])
@pytest.mark.parametrize(
    ("space", "names"),
    [
        (BOX, {"obs": ()}),
        (PICTURES, {"obs/state": ("state",), "obs/camera/top": ("camera", "top")}),
        (TUPLE, {"obs/0": (0,), "obs/1": (1,)}),
    ],
    ids=["box", "dict", "tuple"],
)
def test_all_ways(tmp_path, monkeypatch, format, space, names):
    made = collect(tmp_path, monkeypatch, format, space)
    with open_source(tmp_path / "arm" / "reach-v0") as source:
        assert source.lengths.tolist() == [4, 1, 5] and source.unplaced() == []
        for i, episode in enumerate(made.iterate_episodes()):
            for name, keys in names.items():
                seen = episode.observations
                for key in keys:
                    seen = seen[key]
                np.testing.assert_array_equal(source.read(name, i), seen[:-1])
                np.testing.assert_array_equal(source.read(f"final/{name}", i), seen[-1])
            np.testing.assert_array_equal(source.read("action", i), episode.actions)
            np.testing.assert_array_equal(source.read("terminated", i), episode.terminations)
            np.testing.assert_allclose(source.read("reward", i), episode.rewards, rtol=1e-6)
            assert source.read("info/qpos", i).shape == (source.lengths[i], 2)
        spec = ParamEnvSpec(source.spec_params())
        assert set(spec.observation_names) == set(names) and spec.action_names == ("action",)
        low, high = spec.limits("action")
        assert np.unique(low).tolist() == [-1] and np.unique(high).tolist() == [1]


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_damaged_arrow_files_are_refused_or_harmless(tmp_path, monkeypatch, format):
    collect(tmp_path / "good", monkeypatch, format, PICTURES)
    (tmp_path / "copies").mkdir()
    script = Path(__file__).parent / "read_damaged.py"
    folder = tmp_path / "good" / "arm" / "reach-v0"
    command = [sys.executable, str(script), str(folder), str(tmp_path / "copies"), "minari_arrow"]
    done = subprocess.run([*command, "0", "100"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    outcome = json.loads(done.stdout)
    assert outcome["refused"] > 5 and outcome["more_mib"] < 600

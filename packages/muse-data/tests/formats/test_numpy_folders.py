"""Folders of `.npy` files: one a key, or one folder an episode."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.errors import DataError
from muse.datasets.formats.catalogue import open_source


def test_one_file_a_key(tmp_path):
    (tmp_path / "objects").mkdir()
    np.save(tmp_path / "observations.npy", np.arange(10.0).reshape(5, 2))
    np.save(tmp_path / "objects" / "pose.npy", np.arange(5, dtype=np.float32))
    np.save(tmp_path / "mass.npy", np.array([1.0, 2.0]))
    np.save(tmp_path / "odd.npy", np.zeros(3))
    np.save(tmp_path / "dones.npy", np.array([0, 1, 0, 0, 1]))
    with open_source(tmp_path) as source:
        assert source.lengths.tolist() == [2, 3]
        assert source.read("obs", 1).tolist() == [[4, 5], [6, 7], [8, 9]]
        assert source.read("obs", 1).dtype == np.float32
        assert source.read("objects/pose", 0).tolist() == [0, 1]
        assert source.read("mass", 1) == 2
        assert [line.split()[0] for line in source.unplaced()] == ["odd"]


def test_a_folder_an_episode(tmp_path):
    for number, length in ((2, 3), (10, 4), (1, 2)):
        folder = tmp_path / f"ep_{number}"
        folder.mkdir()
        np.save(folder / "action.npy", np.full((length, 2), number, np.float32))
        np.save(folder / "image.npy", np.full((length, 4, 4, 3), number, np.uint8))
        np.save(folder / "goal.npy", np.full(3, number, np.float64))
    with open_source(tmp_path) as source:
        assert source.lengths.tolist() == [2, 3, 4]  # ep_1, ep_2, ep_10
        assert [int(source.read("goal", i)[0]) for i in range(3)] == [1, 2, 10]
        assert source.read("image", 2).shape == (4, 4, 4, 3)
        assert {c.name: c.per for c in source.columns()}["goal"] == "episode"
    (tmp_path / "ep_2" / "image.npy").unlink()
    with open_source(tmp_path) as source:
        source.read("image", 0)
        with pytest.raises(DataError, match="episode 1 has no image.npy.*--drop image"):
            source.read("image", 1)


def test_links_out_of_the_folder_are_refused(tmp_path):
    np.save(tmp_path / "secret.npy", np.zeros(4))
    (tmp_path / "set").mkdir()
    np.save(tmp_path / "set" / "episode_ends.npy", np.array([4]))
    (tmp_path / "set" / "x.npy").symlink_to(tmp_path / "secret.npy")
    with pytest.raises(DataError, match="link out of"):
        open_source(tmp_path / "set")

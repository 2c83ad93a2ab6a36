"""Where episodes end in the variants of D4RL's layout."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from muse.core.errors import DataError
from muse.datasets.formats.catalogue import open_source

N = 12


def write(path, **arrays):
    rng = np.random.default_rng(0)
    base = {
        "observations": rng.normal(size=(N, 3)).astype(np.float32),
        "actions": rng.normal(size=(N, 2)).astype(np.float32),
        "rewards": rng.normal(size=N).astype(np.float32),
    }
    with h5py.File(path, "w") as file:
        for key, value in {**base, **arrays}.items():
            if value is not None:
                file[key] = value
    return base


def flags(*rows):
    out = np.zeros(N, bool)
    out[list(rows)] = True
    return out


@pytest.mark.parametrize(
    ("terminals", "timeouts", "lengths", "by"),
    [
        (flags(3), flags(7, 11), [4, 4, 4], "terminals or timeouts"),  # locomotion
        (flags(5, 11), None, [6, 6], "terminals or timeouts"),  # kitchen
        (flags(2, 3, 4, 5, 9), flags(5, 11), [6, 6], "timeouts"),  # antmaze, at the goal
        (flags(3), flags(7), [4, 4, 4], "terminals or timeouts"),  # the last one was cut off
        (None, flags(11), [12], "terminals or timeouts"),
    ],
)
def test_ends(tmp_path, terminals, timeouts, lengths, by):
    path = tmp_path / "a.hdf5"
    raw = write(path, terminals=terminals, timeouts=timeouts)
    with open_source(path) as source:
        assert source.lengths.tolist() == lengths and source.info["episodes_end_at"] == by
        for name, key in (("obs", "observations"), ("action", "actions"), ("reward", "rewards")):
            got = np.concatenate([source.read(name, i) for i in range(len(lengths))])
            np.testing.assert_array_equal(got, raw[key])
        if terminals is not None:
            got = np.concatenate(list(source.pieces("terminated")))
            np.testing.assert_array_equal(got, terminals)


def test_what_else_is_there(tmp_path):
    path = tmp_path / "a.hdf5"
    more = {
        "infos/qpos": np.arange(N * 4.0).reshape(N, 4),
        "infos/goal": np.zeros((N, 2)),
        "next_observations": np.zeros((N, 3)),
        "metadata/policy/weight": np.zeros((7, 7)),
        "odd": np.zeros(5),
    }
    write(path, terminals=flags(11), timeouts=flags(), **more)
    with open_source(path) as source:
        qpos = source.read("info/qpos", 0)
        assert qpos.dtype == np.float32 and qpos[-1].tolist() == [44, 45, 46, 47]
        left = " ".join(source.unplaced())
        for reason in (
            "next_observations (follows",
            "metadata/policy/weight (describes",
            "odd (sh",
        ):
            assert reason in left
        spec = source.spec_params()
        assert spec.observation_names == ["obs"] and spec.action_names == ["action"]


def test_flags_that_do_not_fit(tmp_path):
    write(tmp_path / "a.hdf5", terminals=np.zeros(5, bool))
    with pytest.raises(DataError, match="terminals has 5 rows, actions 12"):
        open_source(tmp_path / "a.hdf5")
    write(tmp_path / "b.hdf5")
    with pytest.raises(DataError, match="expected observations, actions, and terminals"):
        open_source(tmp_path / "b.hdf5")

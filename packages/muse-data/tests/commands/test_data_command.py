"""`muse data` on plain files."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.errors import DataError, UsageError
from muse.datasets.commands.main import main


def test_plain_npz_is_imported(tmp_path, capsys):
    source = tmp_path / "plain.npz"
    np.savez(
        source, obs=np.arange(10.0).reshape(5, 2), episode_ends=np.array([2, 5]), note=np.zeros(3)
    )
    assert main(["import", str(source), "--to", str(tmp_path / "out.npz")]) == 0
    assert "note" in capsys.readouterr().err
    with np.load(tmp_path / "out.npz") as out:
        assert out["obs"].dtype == np.float32 and out["obs"].tolist()[-1] == [8, 9]
        assert out["done"].tolist() == [False, True, False, False, True]
        assert out["rollout_timestep"].tolist() == [0, 1, 0, 1, 2]


def test_import_refuses_what_it_cannot_place(tmp_path):
    np.savez(tmp_path / "a.npz", obs=np.zeros(3))
    with pytest.raises(DataError, match="where episodes end"):
        main(["import", str(tmp_path / "a.npz"), "--to", "b.npz"])
    np.savez(tmp_path / "a.npz", obs=np.zeros(3), done=np.array([0, 0, 1]))
    with pytest.raises(UsageError, match="--to"):
        main(["import", str(tmp_path / "a.npz")])


@pytest.mark.parametrize("argv", [[], ["impot"], ["info"], ["import", "x", "--nope"]])
def test_usage_problems_are_usage_errors(argv):
    with pytest.raises(UsageError, match="muse data"):
        main(argv)

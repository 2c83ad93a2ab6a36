"""Collections are the same for any number of workers, and whole or not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from muse.core import AttrDict
from muse.core.errors import MuseError, UsageError
from muse.trainers.collection import RANDOM, CollectOptions, collect

OPTIONS = CollectOptions(
    env=AttrDict(cls="muse.envs.simple.point_mass_env.PointMassEnv"),
    policy=AttrDict(cls="muse.policies.point_mass_expert.PointMassExpert"),
    episodes=4,
    save_file=Path("unset"),
    first_seed=7,
    only_success=True,
    workers=0,
)


def test_same_file_for_any_number_of_workers(tmp_path: Path) -> None:
    files = []
    for workers in (0, 2):
        path = tmp_path / f"{workers}.npz"
        found = collect(replace(OPTIONS, save_file=path, workers=workers))
        files.append(path.read_bytes())
        assert len(found.episodes) == 4 and found.successes >= 4
        assert [e.seed for e in found.episodes] == sorted(e.seed for e in found.episodes)
    assert files[0] == files[1]


def test_the_file_holds_what_the_episodes_were(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.npz"
    found = collect(replace(OPTIONS, save_file=path))
    with np.load(path, allow_pickle=False) as data:
        ends = np.flatnonzero(data["done"])
        assert [e.length for e in found.episodes] == np.diff([-1, *ends]).tolist()
        assert data["ego"].shape == (found.steps, 2)


def test_only_success_gives_up_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    hopeless = replace(
        OPTIONS, save_file=path, policy=AttrDict(cls=RANDOM), episodes=1, max_steps=2
    )
    with pytest.raises(MuseError, match="only 0 of 10 episodes succeeded"):
        collect(hopeless)
    assert not list(tmp_path.iterdir())


def test_names_are_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ends in .npz"):
        collect(replace(OPTIONS, save_file=tmp_path / "x.hdf5"))
    (tmp_path / "there.npz").touch()
    with pytest.raises(UsageError, match="exists already"):
        collect(replace(OPTIONS, save_file=tmp_path / "there.npz"))


def test_a_trained_run_collects(trained: Path, tmp_path: Path) -> None:
    from muse.experiments import ExperimentFileManager
    from muse.trainers.evaluation import read_params

    params = read_params(ExperimentFileManager.open(trained))
    options = CollectOptions(
        env=params.env_train,
        policy=None,
        episodes=2,
        save_file=tmp_path / "own.npz",
        max_steps=5,
        workers=0,
        run_dir=trained,
        model_file=trained / "models" / "model.pt",
    )
    assert collect(options).steps == 10
    with pytest.raises(UsageError, match="nothing to act with"):
        collect(replace(options, run_dir=None, save_file=tmp_path / "other.npz"))

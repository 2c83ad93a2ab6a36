"""RoboHive's models: found, mended, and never written to."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest

from muse.cli.probes import EXTRA_PROBES, run_probe
from muse.core.errors import EnvError, MissingExtraError
from muse.envs.env import make
from muse.envs.robohive.loading import robohive_folder
from muse.envs.robohive.model_cache import mended_models
from muse.envs.robohive.robohive_env import RoboHiveEnv
from muse.envs.robohive.simhive import COMMITS, find_simhive
from muse.envs.robohive.tasks import TASKS


def test_the_kettle_moves_as_in_the_mujoco_robohive_was_made_for() -> None:
    # What MuJoCo 3.1.3 compiles the unchanged files to.
    with make(RoboHiveEnv, {"env_name": "FK1_Stove1KettleFixed-v4"}) as env:
        model = env.simulation.model
        for name in ("Tx", "Ty", "Tz", "Rx", "Ry", "Rz"):
            joint = model.joint(f"kettle0:{name}")
            assert (joint.damping[0], joint.frictionloss[0], joint.armature[0]) == (0.0, 0.0, 0.01)


def test_models_are_mended_once_and_anew_when_a_file_changes(
    simhive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    own = tmp_path / "simhive"
    for name in COMMITS:
        shutil.copytree(simhive / name, own / name)
    scene = own / "Adroit" / "resources" / "assets.xml"
    scene.parent.chmod(0o755)
    before = scene.read_text()
    first = mended_models(robohive_folder(), own)
    assert mended_models(robohive_folder(), own) == first
    assert "apirate" not in (first.parent / "simhive/Adroit/resources/assets.xml").read_text()
    assert scene.read_text() == before and "apirate" in before
    scene.chmod(0o644)
    scene.write_text(before + "\n")
    assert mended_models(robohive_folder(), own) != first
    left = [path for path in first.parent.parent.iterdir() if path.name.startswith(".")]
    assert not left


@pytest.mark.parametrize("name", ["FK1_LightOnFixed-v4", "franka_micro_open-v3", "pen-v1"])
def test_the_folders_a_task_names_are_all_it_needs(
    name: str, simhive: Path, tmp_path: Path
) -> None:
    for folder in TASKS[name].suite.models:
        (tmp_path / folder).symlink_to(simhive / folder)
    with make(RoboHiveEnv, {"env_name": name, "simhive": str(tmp_path)}) as env:
        env.reset()


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(EnvError, match=r"cannot be kept in \S+file/muse.*XDG_CACHE_HOME"):
        make(RoboHiveEnv)


def test_a_missing_simhive_says_what_to_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        EnvError, match=r"git clone \S+/franka_sim \S+/franka_sim && git -C .*82aaf"
    ):
        make(RoboHiveEnv, {"simhive": str(tmp_path)})
    monkeypatch.delenv("MUSE_SIMHIVE")
    with pytest.raises(EnvError, match=r"git clone \S+/Adroit .*export MUSE_SIMHIVE="):
        find_simhive(None, tmp_path, ["Adroit"])


@pytest.mark.parametrize(
    ("missing", "error", "line"),
    [
        ("robohive", EnvError, "pip install --no-deps robohive==0.7.0"),
        ("skvideo", MissingExtraError, r"pip install 'muse-envs\[robohive\]'"),
    ],
)
def test_what_is_not_installed_is_named(
    missing: str, error: type[Exception], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec

    def without(name: str, *args: Any) -> Any:
        return None if name == missing else find(name, *args)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(error, match=line):
        make(RoboHiveEnv)


def test_the_doctor_draws_a_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = EXTRA_PROBES["muse-envs", "robohive"]
    result = run_probe(program, 120)
    assert (result.state, result.detail) == (
        "ok",
        "RoboHive 0.7.0 began FrankaReachFixed-v0 and drew it",
    )
    monkeypatch.setenv("MUSE_SIMHIVE", str(tmp_path))
    result = run_probe(program, 120)
    assert result.state == "missing" and "folder franka_sim is not in" in result.detail
    assert result.remedy.startswith("git clone ")

"""The folder of a run: who may open it, what is found where, one training at a time."""

from __future__ import annotations

import json
import logging
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from muse.core.errors import CheckpointError, DataError, UsageError
from muse.experiments import ExperimentFileManager
from muse.experiments.run_lock import RunLock
from muse.experiments.run_log import run_log


def test_a_new_run_makes_its_folder(tmp_path: Path) -> None:
    manager = ExperimentFileManager("real/my_run", tmp_path)
    assert manager.exp_dir == tmp_path / "experiments" / "real" / "my_run"
    assert manager.exp_dir.is_dir()
    assert manager.models_dir == manager.exp_dir / "models"
    assert manager.data_dir == tmp_path / "data"


def test_base_dir_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSE_DIR", str(tmp_path / "elsewhere"))
    assert ExperimentFileManager("a").base_dir == tmp_path / "elsewhere"
    monkeypatch.delenv("MUSE_DIR")
    monkeypatch.chdir(tmp_path)
    assert ExperimentFileManager("a").base_dir == tmp_path


def test_a_run_that_exists_is_refused_unless_continued(tmp_path: Path) -> None:
    manager = ExperimentFileManager("run", tmp_path)
    manager.save_config({"a": 1}, with_git=False)
    with pytest.raises(UsageError, match="exists already; add --continue") as caught:
        ExperimentFileManager("run", tmp_path)
    assert caught.value.exit_code == 2
    again = ExperimentFileManager("run", tmp_path, is_continue=True)
    assert again.load_config() == {"a": 1}


def test_an_empty_folder_is_no_run_yet(tmp_path: Path) -> None:
    (tmp_path / "experiments" / "run").mkdir(parents=True)
    ExperimentFileManager("run", tmp_path)


def test_a_missing_run_cannot_be_continued(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not found; leave out --continue"):
        ExperimentFileManager("run", tmp_path, is_continue=True)
    with pytest.raises(UsageError, match="not found"):
        ExperimentFileManager.open(tmp_path / "experiments" / "run")
    assert not (tmp_path / "experiments").exists()


@pytest.mark.parametrize("name", ["", "/etc/run", "../run", "a/../../run", "."])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="exp_name"):
        ExperimentFileManager(name, tmp_path)
    assert os.listdir(tmp_path) == []


def test_open_by_folder(tmp_path: Path) -> None:
    made = ExperimentFileManager("real/run", tmp_path)
    opened = ExperimentFileManager.open(made.exp_dir)
    assert (opened.exp_name, opened.base_dir) == ("real/run", tmp_path)
    moved = made.exp_dir.rename(tmp_path / "moved")
    assert ExperimentFileManager.open(moved).exp_dir == moved


def test_config_source_and_command_are_kept(tmp_path: Path) -> None:
    source = tmp_path / "bc.py"
    source.write_text("export = 1\n")
    manager = ExperimentFileManager("run", tmp_path)
    manager.save_config('{"b": 2}', source, ["muse", "train", "my config.py", "--x", ""])
    assert json.loads(manager.config_file.read_text()) == {"b": 2}
    assert (manager.exp_dir / "config.py").read_text() == "export = 1\n"
    manager.save_config('{"b": 2}', source, ["muse", "train", "--continue"])
    lines = (manager.exp_dir / "command.txt").read_text().splitlines()
    assert [shlex.split(line) for line in lines] == [
        ["muse", "train", "my config.py", "--x", ""],
        ["muse", "train", "--continue"],
    ]


def test_commit_and_changes_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*args: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *who, *args], cwd=tmp_path, check=True, capture_output=True)

    try:
        git("init")
    except FileNotFoundError:
        pytest.skip("git is not installed")
    (tmp_path / "a.txt").write_text("one\n")
    git("add", "a.txt")
    git("commit", "-m", "a")
    (tmp_path / "a.txt").write_text("two\n")
    monkeypatch.chdir(tmp_path)
    manager = ExperimentFileManager("run", tmp_path)
    manager.save_config({})
    assert len((manager.exp_dir / "git" / "commit.txt").read_text().strip()) == 40
    assert "+two" in (manager.exp_dir / "git" / "diff.patch").read_text()


def test_outside_a_repository_nothing_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    manager = ExperimentFileManager("run", tmp_path)
    manager.save_config({})
    assert not (manager.exp_dir / "git").exists()


@pytest.mark.parametrize("text", ["", '{"a": ', "[1, 2]"])
def test_a_damaged_config_is_one_clear_line(tmp_path: Path, text: str) -> None:
    manager = ExperimentFileManager("run", tmp_path)
    manager.config_file.write_text(text)
    with pytest.raises(CheckpointError, match=r"config\.json is damaged"):
        manager.load_config()


def test_a_missing_config_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no readable config\.json"):
        ExperimentFileManager("run", tmp_path).load_config()


def test_data_files_are_found_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    base = tmp_path / "base"
    manager = ExperimentFileManager("run", base)
    places = [manager.exp_dir / "d.npz", base / "data" / "d.npz", tmp_path / "d.npz"]
    for place in places:
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"")
        assert manager.find_data_file("d.npz").resolve() == place
    with pytest.raises(DataError, match=r"'real/none\.npz' not found; looked at .*base/data/real"):
        manager.find_data_file("real/none.npz")


def test_checkpoints_are_found_by_bare_name_and_by_path(tmp_path: Path) -> None:
    manager = ExperimentFileManager("run", tmp_path)
    with pytest.raises(CheckpointError, match="available: none yet"):
        manager.find_model_file()
    manager.models_dir.mkdir()
    (manager.models_dir / "model.pt").write_bytes(b"")
    elsewhere = tmp_path / "other.pt"
    elsewhere.write_bytes(b"")
    assert manager.find_model_file() == manager.models_dir / "model.pt"
    assert manager.find_model_file(elsewhere) == elsewhere
    with pytest.raises(CheckpointError, match=r"'best\.pt'.*available: model\.pt"):
        manager.find_model_file("best.pt")


def test_two_trainings_cannot_share_a_folder(tmp_path: Path) -> None:
    first = ExperimentFileManager("run", tmp_path)
    second = ExperimentFileManager("run", tmp_path, is_continue=True)
    with first.lock(), pytest.raises(UsageError, match=f"in use by process {os.getpid()}"):
        second.lock()
    with second.lock() as lock:
        assert lock.is_held
    assert not lock.is_held


HOLD = """
import sys
from muse.experiments import ExperimentFileManager
manager = ExperimentFileManager("run", sys.argv[1], is_continue=True)
with manager.lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_of_a_killed_training_is_free(tmp_path: Path) -> None:
    manager = ExperimentFileManager("run", tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match=f"process {holder.pid}"):
            manager.lock()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with manager.lock() as lock:
        assert lock.is_held


def test_log_is_appended_and_the_logger_left_as_it_was(tmp_path: Path) -> None:
    manager = ExperimentFileManager("run", tmp_path)
    logger = logging.getLogger("muse")
    before = (list(logger.handlers), logger.level)
    for text in ("first", "second"):
        with manager.log():
            logging.getLogger("muse.trainers").info("%s line", text)
    logging.getLogger("muse.trainers").warning("after the run")
    said = manager.log_file.read_text().splitlines()
    assert [line.split("  ")[-1] for line in said] == ["first line", "second line"]
    assert (list(logger.handlers), logger.level) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_no_noise_in_lock_and_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lock").symlink_to("/dev/full")
    (tmp_path / "log.txt").symlink_to("/dev/full")
    with RunLock(tmp_path / "lock") as lock, run_log(tmp_path / "log.txt") as log:
        log.info("lost")
        assert lock.is_held
    assert capsys.readouterr().err == ""

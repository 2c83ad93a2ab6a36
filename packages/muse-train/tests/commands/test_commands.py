"""The commands as a user calls them: each mistake is one line, status 2 or 1, nothing half-done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Muse = Callable[..., "subprocess.CompletedProcess[str]"]
TINY = str(Path(__file__).parents[1] / "data" / "tiny.py")


def _fails(done: subprocess.CompletedProcess[str], status: int, *pieces: str) -> None:
    assert done.returncode == status, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("muse: error:")]
    assert len(lines) == 1 and "Traceback" not in done.stderr, done.stderr
    for piece in pieces:
        assert piece in lines[0], lines[0]


def test_train_then_eval_from_a_moved_folder(muse: Muse, base_dir: Path, tmp_path: Path) -> None:
    done = muse("train", "--no_wandb", "--max_steps", "1e1", TINY, "--extra_exp_name", "cli")
    assert done.returncode == 0, done.stderr
    (run,) = (base_dir / "experiments" / "tiny").glob("tiny_cli*")
    assert {"config.json", "config.py", "command.txt", "metrics.jsonl", "models"} <= {
        p.name for p in run.iterdir()
    }
    assert "trained" in done.stdout and "muse eval" in done.stderr

    again = muse("train", "--max_steps", "10", TINY, "--extra_exp_name", "cli")
    _fails(again, 2, "exists already", "--continue")

    moved = tmp_path / "somewhere" / "else"
    shutil.copytree(run, moved)
    done = muse(
        "eval", str(moved), "--episodes", "3", "--workers", "2", "--video", "1", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "Wilson" in done.stdout and "within 15 px" in done.stdout
    (result,) = (moved / "eval").glob("*.json")
    found = json.loads(result.read_text())
    assert found["episodes"] == 3 and found["step"] == 10
    assert found["settings"]["seeds"] == [100000, 100001, 100002]
    assert found["settings"]["policy"]["timeout"] == 80
    beside = json.loads((moved / "models" / "model.eval.json").read_text())
    assert beside["success"] == found["success"]
    assert len(list((moved / "videos").glob("*.gif"))) == 1


def test_collect_writes_a_dataset_once(muse: Muse, tmp_path: Path) -> None:
    words = (
        *("collect", "muse.envs.simple.point_mass_env.PointMassEnv", "--max_eps", "3"),
        *("--policy", "muse.policies.point_mass_expert.PointMassExpert"),
        *("--save_file", "new/points.npz", "--workers", "1"),
    )
    done = muse(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "new" / "points.npz", allow_pickle=False) as data:
        assert data["done"].sum() == 3 and len(data["action"]) == len(data["ego"])
    _fails(muse(*words, cwd=tmp_path), 2, "exists already")


@pytest.mark.parametrize(
    ("words", "status", "pieces"),
    [
        (("train", "no/such.py"), 2, ("no/such.py",)),
        (("train", TINY, "--batch_sise", "4"), 2, ("batch_sise", "batch_size")),
        (("train", TINY, "%trainer", "--max_stepz", "4"), 2, ("max_stepz", "max_steps")),
        (("train", "--max_steps", "0", TINY), 2, ("whole number above 0",)),
        (("train", "--no_wandb", "--wandb_project", "x", TINY), 2, ("--no_wandb excludes",)),
        (("train", TINY, "--dataset", "nowhere"), 1, ("nowhere.npz", "not found")),
        (
            (
                *("train", TINY, "--horizon", "50"),
                *("%dataset_train", "--file", "DATA", "--no-pad_end_sequence"),
            ),
            1,
            ("horizon",),
        ),
        (("eval", "no_run"), 1, ("no_run", "config.json")),
        (("eval", "x", "--seeds", "b"), 2, ("--seeds",)),
        (("collect", TINY, "--max_eps", "1"), 2, ("--save_file",)),
        (("collect", TINY, "--save_file", "x.npy"), 2, (".npz",)),
        (("collect", TINY, "--policy", "no.Such", "--save_file", "x.npz"), 2, ("no.Such",)),
        (("collect", TINY, "--policy", "os.getcwd", "--save_file", "x.npz"), 2, ("a Policy",)),
        (("collect", TINY, "--seed", "9" * 20, "--save_file", "x.npz"), 2, ("a seed up to",)),
        (("eval", "x", "--seeds", "9" * 20), 2, ("--seeds",)),
        (("train",), 2, ("required: CONFIG;",)),
    ],
)
def test_mistakes(
    muse: Muse,
    base_dir: Path,
    tmp_path: Path,
    words: tuple[str, ...],
    status: int,
    pieces: tuple[str, ...],
) -> None:
    data = str(base_dir / "data" / "tiny.npz")
    words = tuple(data if word == "DATA" else word for word in words)
    _fails(muse(*words, cwd=tmp_path, env={"MUSE_DIR": str(tmp_path)}), status, *pieces)
    assert not list(tmp_path.iterdir())


def test_a_run_that_fails_before_its_first_step_leaves_no_folder(
    muse: Muse, base_dir: Path, tmp_path: Path
) -> None:
    with np.load(base_dir / "data" / "tiny.npz", allow_pickle=False) as data:
        arrays = dict(data)
    arrays["position"] = np.where(np.arange(2) == 1, np.inf, arrays["position"]).astype(np.float32)
    np.savez(tmp_path / "broken.npz", **arrays)
    words = ("train", "--no_env", TINY, "--dataset", "broken")
    done = muse(*words, cwd=tmp_path, env={"MUSE_DIR": str(tmp_path)})
    _fails(done, 1, "'position'", "not finite")
    assert [path.name for path in tmp_path.iterdir()] == ["broken.npz"]


def test_train_says_that_there_is_no_gpu(muse: Muse, base_dir: Path) -> None:
    hidden = {"CUDA_VISIBLE_DEVICES": ""}
    words = ("train", "--no_env", "--device", "cuda", "--max_steps", "2", TINY)
    done = muse(*words, "--extra_exp_name", "no_gpu", env=hidden)
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.splitlines() if "warning" in line]
    assert len(warnings) == 1 and "device='cuda'" in warnings[0], done.stderr


def test_eval_names_a_damaged_or_foreign_checkpoint(
    muse: Muse, trained: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    model = run / "models" / "model.pt"
    model.write_bytes(model.read_bytes()[:5000])
    _fails(muse("eval", str(run), "--episodes", "1"), 1, "model.pt", "damaged")
    _fails(muse("eval", str(run), "--model_file", "other.pt"), 1, "other.pt", "chkpt_0000000060.pt")
    assert not (run / "eval").exists()


def test_full_disk_is_one_line_and_leaves_nothing(base_dir: Path) -> None:
    """A limit on file sizes stands for the full disk: both end in the middle of a write."""
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); "
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "from muse.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "train", "--no_env", TINY, "--extra_exp_name", "full"],
        env={**os.environ, "MUSE_DIR": str(base_dir), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    _fails(done, 1, "model.pt", "disk is full or a size limit")
    (run,) = (base_dir / "experiments" / "tiny").glob("tiny_full*")
    assert not list((run / "models").iterdir())


def test_help_at_every_level(muse: Muse) -> None:
    assert "--continue" in muse("train", "-h").stdout
    assert "--wandb_project" in muse("train", "--help").stdout
    root = muse("train", TINY, "-h")
    assert root.returncode == 0 and "%trainer" in root.stdout, root.stderr
    group = muse("train", TINY, "%trainer", "-h")
    assert "save_every_n_steps" in group.stdout and "resumable" in group.stdout
    assert "--workers" in muse("eval", "-h").stdout
    assert "--only_success" in muse("collect", "-h").stdout

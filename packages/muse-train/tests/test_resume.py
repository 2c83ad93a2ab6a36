"""A training killed at any moment and continued gives the same weights, bit for bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from muse.configs import load_config
from muse.trainers.checkpoint import load_checkpoint
from muse.trainers.training import TrainOptions, train
from muse.trainers.writers.jsonl_writer import read_metrics

TINY = Path(__file__).parent / "data" / "tiny.py"


class _Killed(BaseException):
    """Stands for SIGKILL inside this process: nothing catches it."""


def _assert_same(run: Path, whole: Path) -> None:
    mine = load_checkpoint(run / "models" / "model.pt")
    theirs = load_checkpoint(whole / "models" / "model.pt")
    assert mine["step"] == theirs["step"] == 60
    assert mine["model"].keys() == theirs["model"].keys()
    for name, value in theirs["model"].items():
        assert torch.equal(mine["model"][name], value), name
    for key, state in theirs["optimizer"]["optimizer"]["state"].items():
        for name, value in state.items():
            other = mine["optimizer"]["optimizer"]["state"][key][name]
            assert torch.equal(torch.as_tensor(other), torch.as_tensor(value))
    assert torch.equal(mine["rng"]["torch"], theirs["rng"]["torch"])
    assert mine["samplers"] == theirs["samplers"]
    rows, expected = (read_metrics(folder / "metrics.jsonl") for folder in (run, whole))
    assert len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=True):
        # Means are summed up in another order when a resume falls between two rows.
        assert row == pytest.approx(other, rel=1e-5)


@pytest.mark.parametrize("kill_at", [[2], [7, 8, 21], [39, 40, 41, 59]])
def test_stopped_in_any_step(
    base_dir: Path, trained: Path, kill_at: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muse.trainers.goal_trainer import GoalTrainer

    config = load_config(str(TINY), ["--extra_exp_name", f"stopped{kill_at[0]}"])
    step = GoalTrainer._train_step
    left = list(kill_at)

    def killing(self: GoalTrainer, feed: object) -> None:
        step(self, feed)  # type: ignore[arg-type]
        if left and self.step == left[0]:
            left.pop(0)
            raise _Killed

    monkeypatch.setattr(GoalTrainer, "_train_step", killing)
    run = None
    for attempt in range(len(kill_at) + 1):
        torch.manual_seed(1234 + attempt)  # what a new process happens to start with
        options = TrainOptions(is_continue=attempt > 0, use_env=False, base_dir=base_dir)
        try:
            _, files = train(config, options)
            run = files.exp_dir
        except _Killed:
            continue
    assert run is not None and not left
    _assert_same(run, trained)


_DRIVER = """
import os, signal, sys
import torch
from muse.experiments import atomic

count, save = 0, torch.save
def half(content, path, *args, **kwargs):
    global count
    count += 1
    save(content, path, *args, **kwargs)
    if count == int(sys.argv[1]):
        size = os.path.getsize(path)
        os.truncate(path, size // 2)  # the file as a kill in the middle of the write leaves it
        os.kill(os.getpid(), signal.SIGKILL)
torch.save = half
from muse.cli.main import main
sys.exit(main(["train", *sys.argv[2:]]))
"""


def test_sigkill_in_a_write_and_at_a_random_moment(base_dir: Path, trained: Path) -> None:
    words = ["--no_env", str(TINY), "--extra_exp_name", "killed"]
    environment = {**os.environ, "MUSE_DIR": str(base_dir), "OMP_NUM_THREADS": "1"}
    run = base_dir / "experiments" / load_config(str(TINY), words[2:]).exp_name

    def start(command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    process = start(["-c", _DRIVER, "4", *words])
    process.communicate(timeout=200)
    assert process.returncode == -signal.SIGKILL
    before = load_checkpoint(run / "models" / "model.pt")["step"]  # the older file is whole

    process = start(["-m", "muse.cli", "train", "--continue", *words])
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and process.poll() is None:
        rows = read_metrics(run / "metrics.jsonl")
        if rows and rows[-1]["step"] > before + 5:
            break
        time.sleep(0.005)
    process.kill()
    process.communicate()

    process = start(["-m", "muse.cli", "train", "--continue", *words])
    _, said = process.communicate(timeout=200)
    assert process.returncode == 0, said.decode()
    _assert_same(run, trained)

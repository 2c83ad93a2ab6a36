"""Writers keep every row once, also over a resume."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from muse.core import AttrDict
from muse.trainers.writers import JsonlWriter, TensorboardWriter, WandbWriter
from muse.trainers.writers.jsonl_writer import read_metrics


def test_jsonl_resume_drops_later_rows_and_a_torn_line(tmp_path: Path) -> None:
    writer = JsonlWriter(AttrDict(), "exp", tmp_path)
    writer.open()
    for step in (10, 20, 30):
        writer.add_scalars({"train/loss": 1 / step, "bad": math.nan}, step)
    writer.close()
    with writer.path.open("a") as file:
        file.write('{"step": 40, "tra')
    writer = JsonlWriter(AttrDict(), "exp", tmp_path)
    writer.open(resume_step=20)
    writer.add_scalars({"train/loss": 0.5}, 30)
    writer.close()
    assert read_metrics(writer.path) == [
        {"step": 10, "train/loss": 0.1},
        {"step": 20, "train/loss": 0.05},
        {"step": 30, "train/loss": 0.5},
    ]


def test_jsonl_new_run_starts_empty(tmp_path: Path) -> None:
    for _ in range(2):
        writer = JsonlWriter(AttrDict(), "exp", tmp_path)
        writer.open()
        writer.add_scalars({"a": 1.0}, 1)
        writer.close()
    assert len(read_metrics(writer.path)) == 1


def test_tensorboard_rows_can_be_read_back(tmp_path: Path) -> None:
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    ).EventAccumulator
    for resume, steps in ((None, (1, 2, 3)), (2, (3, 4))):
        writer = TensorboardWriter(AttrDict(), "exp", tmp_path)
        writer.open(resume_step=resume)
        for step in steps:
            writer.add_scalars({"train/loss": float(step)}, step)
        writer.close()
    events = accumulator(str(tmp_path)).Reload()
    assert [e.step for e in events.Scalars("train/loss")] == [1, 2, 3, 4]


@pytest.mark.parametrize("by_environment", [None, "offline"])
def test_wandb_offline_writes_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_environment: str | None
) -> None:
    wandb = pytest.importorskip("wandb")
    wandb.teardown()  # else it goes by the environment of its first run in this process
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_MODE", by_environment or "online")
    mode = {} if by_environment else {"mode": "offline"}
    writer = WandbWriter(AttrDict(tags=["a", "b"], **mode), "exp", tmp_path)
    writer.open()
    writer.add_scalars({"train/loss": 1.0}, 1)
    writer.close()
    assert list((tmp_path / "wandb").glob("offline-run-*/*.wandb"))
    assert (tmp_path / "wandb_run.json").is_file()

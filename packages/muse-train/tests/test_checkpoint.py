"""Checkpoints are whole or refused, and random states come back exactly."""

# ruff: noqa: NPY002 - saving and restoring the global generator is the point here
from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.core.errors import CheckpointError
from muse.trainers.checkpoint import (
    isolated_rng,
    load_checkpoint,
    rng_state,
    save_checkpoint,
    seed_everything,
    set_rng_state,
)


def _draw() -> tuple[float, float, float, float]:
    return (
        float(torch.rand(())),
        float(np.random.rand()),
        float(np.random.randn()),
        random.random() + random.gauss(0, 1),
    )


def test_round_trip_of_content_and_rng(tmp_path: Path) -> None:
    seed_everything(3)
    _draw()  # leaves a cached Gaussian in numpy and Python
    path = tmp_path / "models" / "model.pt"
    save_checkpoint(path, {"model": {"w": torch.arange(3.0)}, "rng": rng_state(), "step": 7})
    expected = _draw()
    content = load_checkpoint(path)
    assert content["step"] == 7 and torch.equal(content["model"]["w"], torch.arange(3.0))
    set_rng_state(content["rng"])
    assert _draw() == expected


@given(st.integers(0, 2**40))
@settings(max_examples=20, deadline=None)
def test_isolated_rng_leaves_no_trace(seed: int) -> None:
    seed_everything(seed)
    expected = _draw()
    seed_everything(seed)
    with isolated_rng():
        _draw()
        torch.manual_seed(0)
    assert _draw() == expected


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.999])
def test_truncated_file_is_one_line(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "model.pt"
    save_checkpoint(path, {"model": {"w": torch.randn(1000)}})
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data)) if keep < 1 else int(keep)])
    with pytest.raises(CheckpointError, match="damaged") as caught:
        load_checkpoint(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_changed_bit_is_noticed(tmp_path: Path, share: float) -> None:
    path = tmp_path / "model.pt"
    save_checkpoint(path, {"model": {"w": torch.randn(10_000)}})
    data = bytearray(path.read_bytes())
    data[int(share * len(data))] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged") as caught:
        load_checkpoint(path)
    assert "CRC" in str(caught.value) or "checksum" in str(caught.value)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo unpickled > /tmp/never",)


def test_code_in_a_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save({"schema": 1, "model": _Evil()}, path)
    with pytest.raises(CheckpointError, match="damaged or is no Muse checkpoint"):
        load_checkpoint(path)


def test_foreign_and_missing_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    torch.save({"state_dict": {}}, path)
    with pytest.raises(CheckpointError, match="no Muse layout"):
        load_checkpoint(path)
    torch.save({"schema": 99, "model": {}}, path)
    with pytest.raises(CheckpointError, match="schema 99"):
        load_checkpoint(path)
    with pytest.raises(CheckpointError, match="not found"):
        load_checkpoint(tmp_path / "none.pt")


def test_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    save_checkpoint(path, {"model": {}, "step": 1})
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(path, {"model": {}, "step": lambda: 2})
    assert load_checkpoint(path)["step"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["model.pt"]

"""Trainings in processes of their own, watched through the files they write."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from muse.core.errors import MuseError
from muse.trainers.writers.jsonl_writer import read_metrics


class TrainProcess:
    """One `muse train` with a single compute thread.

    Args:
        config: the config it trains.
        arguments: the command line after `muse train`, the config included.
        base_dir: $MUSE_DIR of the process: where experiments/ and data/ are.
    """

    def __init__(self, config: str, arguments: Sequence[str], base_dir: Path) -> None:
        from muse.configs import load_config

        rest = list(arguments)[list(arguments).index(config) + 1 :]
        self._config = load_config(config, rest)
        self.run_dir = base_dir / "experiments" / self._config.exp_name
        self._log = base_dir / "logs" / (self._config.exp_name.replace("/", "_") + ".txt")
        self._log.parent.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            "MUSE_DIR": str(base_dir),
            # Two threads of two processes on two cores would only wait for each other.
            **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        }
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "muse.trainers.commands.train", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def total(self, max_steps: int | None = None) -> int:
        """Steps it will do."""
        return int(max_steps or self._config.params.trainer.max_steps)

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def step(self) -> int:
        """Last step it has logged."""
        rows = read_metrics(self.run_dir / "metrics.jsonl")
        return int(rows[-1]["step"]) if rows else 0

    def loss(self) -> float | None:
        """Last training loss it has logged."""
        for row in reversed(read_metrics(self.run_dir / "metrics.jsonl")):
            if "train/loss" in row:
                return float(row["train/loss"])
        return None

    def check(self, name: str) -> None:
        """Raise a `MuseError` with the last line it said, unless it ended well."""
        if self._process.wait() != 0:
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            said = next((line for line in reversed(lines) if line.strip()), "nothing")
            raise MuseError(
                f"training {name!r} failed with status {self._process.returncode}: "
                f"{said.removeprefix('muse: error: ')} (see {self._log})"
            )

    def stop(self) -> None:
        """End the process if it still runs."""
        if self.is_running():
            self._process.terminate()
            try:
                self._process.wait(5.0)
            except subprocess.TimeoutExpired:
                self._process.kill()

"""Plain lines of JSON, one per logging step: what reports and other tools read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from muse.core.errors import MuseError
from muse.experiments import atomic
from muse.trainers.writers.writer import Writer


class JsonlWriter(Writer):
    """Appends to `metrics.jsonl` in the experiment's folder."""

    declared_params = ()
    file_name = "metrics.jsonl"
    _file: TextIO | None = None

    @property
    def path(self) -> Path:
        """Where the rows go."""
        return self.exp_dir / self.file_name

    def open(self, resume_step: int | None = None) -> None:
        rows = read_metrics(self.path) if resume_step is not None else []
        kept = [row for row in rows if row["step"] <= (resume_step or 0)]
        atomic.write_text(self.path, "".join(json.dumps(row) + "\n" for row in kept))
        self._file = self.path.open("a", encoding="utf-8")

    def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
        if self._file is None:
            raise MuseError("JsonlWriter: add_scalars before open()")
        finite = {key: value for key, value in scalars.items() if math.isfinite(value)}
        try:
            self._file.write(json.dumps({"step": step, **finite}) + "\n")
            self._file.flush()
        except OSError as error:
            raise MuseError(f"{self.path}: cannot write ({error.strerror})") from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def read_metrics(path: str | Path) -> list[dict[str, Any]]:
    """Rows of a `metrics.jsonl`; a last line torn by a killed process is skipped."""
    path = Path(path)
    if not path.exists():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(row, dict) and isinstance(row.get("step"), int):
            rows.append(row)
    return rows

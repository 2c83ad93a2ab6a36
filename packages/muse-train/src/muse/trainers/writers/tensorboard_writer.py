"""TensorBoard event files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from muse.core.errors import MissingExtraError, MuseError
from muse.core.params import Param
from muse.trainers.writers.writer import Writer


class TensorboardWriter(Writer):
    """Writes event files into the experiment's folder; view with `tensorboard --logdir`."""

    declared_params = (
        Param("flush_secs", int, 30, help="longest delay before rows reach the disk", unit="s"),
    )
    _events: Any = None

    def open(self, resume_step: int | None = None) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise MissingExtraError("TensorboardWriter", "muse-train", "tensorboard") from error
        purge = None if resume_step is None else resume_step + 1
        self._events = SummaryWriter(
            str(self.exp_dir), purge_step=purge, flush_secs=self.params.flush_secs
        )

    def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
        if self._events is None:
            raise MuseError("TensorboardWriter: add_scalars before open()")
        for name, value in scalars.items():
            if math.isfinite(value):
                self._events.add_scalar(name, value, step)

    def flush(self) -> None:
        if self._events is not None:
            self._events.flush()

    def close(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

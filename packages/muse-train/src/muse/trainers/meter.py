"""Averages of training scalars that never make the accelerator wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

_FOLD = 256  # scalars kept as tensors before they are added up


class Meter:
    """Means of named scalars since the last `pop`.

    Tensors are kept on their device and added up when read, so a training step never
    synchronises with the accelerator.
    """

    def __init__(self) -> None:
        self._pending: dict[str, list[torch.Tensor]] = {}
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def add(self, prefix: str, scalars: Mapping[str, Any]) -> None:
        """Record one value of each scalar under `prefix/name`; anything not scalar is skipped."""
        for name, value in scalars.items():
            key = f"{prefix}/{name}"
            if isinstance(value, torch.Tensor):
                if value.numel() != 1:
                    continue
                pending = self._pending.setdefault(key, [])
                pending.append(value.detach().reshape(()))
                if len(pending) >= _FOLD:
                    self._fold(key)
            elif isinstance(value, (int, float)):
                self._add_sum(key, float(value), 1)

    def means(self) -> dict[str, float]:
        """Mean of every scalar recorded since the last `pop`."""
        for key in list(self._pending):
            self._fold(key)
        return {key: total / self._counts[key] for key, total in self._sums.items()}

    def pop(self) -> dict[str, float]:
        """Return the means and start anew."""
        means = self.means()
        self._sums.clear()
        self._counts.clear()
        return means

    def state(self) -> dict[str, Any]:
        """What has been recorded, for a checkpoint."""
        self.means()
        return {"sums": dict(self._sums), "counts": dict(self._counts)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state`."""
        self._pending.clear()
        self._sums = dict(state["sums"])
        self._counts = dict(state["counts"])

    def _fold(self, key: str) -> None:
        pending = self._pending.pop(key, [])
        if pending:
            self._add_sum(key, float(torch.stack(pending).double().sum()), len(pending))

    def _add_sum(self, key: str, value: float, count: int) -> None:
        self._sums[key] = self._sums.get(key, 0.0) + value
        self._counts[key] = self._counts.get(key, 0) + count

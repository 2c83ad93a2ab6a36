"""What a training did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class TrainResult:
    """What a call of `GoalTrainer.run` did.

    Attributes:
        step: steps done in total, those before a resume included.
        steps: steps done by this call.
        seconds: wall time of this call.
        data_wait: share of `seconds` spent waiting for batches.
        scalars: last value of every logged scalar.
        best: name, value and step of the best model, or empty.
    """

    step: int
    steps: int
    seconds: float
    data_wait: float
    scalars: dict[str, float]
    best: dict[str, Any] = field(default_factory=dict)

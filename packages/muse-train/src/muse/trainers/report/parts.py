"""What the figures of a report are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Curve:
    """Values over training steps.

    Attributes:
        label: name in the legend.
        steps: training steps.
        values: one for each step.
    """

    label: str
    steps: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True)
class Bar:
    """A rate with its interval, all in 0..1."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True)
class Clip:
    """An animated rollout.

    Attributes:
        caption: what is seen.
        frames: uint8 RGB pictures (H, W, 3).
        good: whether it ended in success, which colours its frame.
    """

    caption: str
    frames: Sequence[np.ndarray]
    good: bool

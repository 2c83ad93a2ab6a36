"""The statistics that LeRobot keeps of each feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_PICTURES = 50  # of an episode; pictures are alike


class LeRobotStats:
    """min, max, mean, std and count by feature, of each episode and of all.

    Those of pictures are by colour, (3, 1, 1), of values from 0 to 1.
    """

    def __init__(self) -> None:
        self._episodes: dict[str, list[dict[str, NDArray[Any]]]] = {}

    def add(self, values: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, Any]]:
        """Count one episode, (L, …) for each feature, and return its own statistics."""
        own = {key: _moments(rows) for key, rows in values.items()}
        for key, moments in own.items():
            self._episodes.setdefault(key, []).append(moments)
        return {key: _plain(moments) for key, moments in own.items()}

    def whole(self) -> dict[str, dict[str, Any]]:
        """Return the statistics of all episodes counted."""
        return {key: _plain(_join(parts)) for key, parts in self._episodes.items()}


def _moments(rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    axes: tuple[int, ...] = (0,)
    count = len(rows)
    if rows.dtype == np.uint8 and rows.ndim == 4:
        chosen = np.linspace(0, len(rows) - 1, min(len(rows), _MOST_PICTURES)).astype(np.int64)
        count = len(chosen)
        rows, axes = rows[chosen].transpose(0, 3, 1, 2) / np.float32(255), (0, 2, 3)
    values = rows.astype(np.float64) if rows.ndim > 1 else rows[:, None].astype(np.float64)
    keep = len(axes) > 1
    found = {name: getattr(values, name)(axis=axes, keepdims=keep) for name in _NAMES}
    if keep:
        found = {name: value[0] for name, value in found.items()}
    return {**found, "count": np.array([count])}


_NAMES = ("min", "max", "mean", "std")


def _join(parts: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Return the moments of all from those of the parts (Chan et al. 1979)."""
    counts = np.stack([p["count"] for p in parts]).reshape(-1, *[1] * parts[0]["mean"].ndim)
    means, stds = (np.stack([p[name] for p in parts]) for name in ("mean", "std"))
    mean = (means * counts).sum(0) / counts.sum()
    variance = ((stds**2 + (means - mean) ** 2) * counts).sum(0) / counts.sum()
    return {
        "min": np.min([p["min"] for p in parts], axis=0),
        "max": np.max([p["max"] for p in parts], axis=0),
        "mean": mean,
        "std": np.sqrt(variance),
        "count": np.array([int(counts.sum())]),
    }


def _plain(moments: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    return {name: value.tolist() for name, value in moments.items()}

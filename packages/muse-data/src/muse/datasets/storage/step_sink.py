"""`StepSink`: where steps go that are added one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray


class StepSink(Protocol):
    """Takes in the steps of one open episode at a time."""

    @property
    def open_steps(self) -> int:
        """Steps of the episode begun but not finished."""

    def append(self, steps: Mapping[str, NDArray[Any]]) -> None:
        """Add rows (n, …) to the open episode."""

    def end_open(self, done_key: str) -> None:
        """Mark the last step of the open episode as its end."""

    def finish(self, onetime: Mapping[str, NDArray[Any]]) -> None:
        """Close the open episode."""

    def clear(self) -> None:
        """Forget what is open, and whatever else can be forgotten."""

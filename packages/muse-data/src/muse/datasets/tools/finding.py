"""Something about a data set that a person should know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How bad it is: `error` is surely wrong, `warning` deserves a look, `note` is good to know.
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Args:
        severity: how bad it is.
        message: one sentence.
        column: where, if in one column.
        episode: where, if in one episode.
        step: where, if at one step.
    """

    severity: Severity
    message: str
    column: str | None = None
    episode: int | None = None
    step: int | None = None

    @property
    def place(self) -> str:
        """Column, episode and step in words."""
        parts = [
            self.column,
            None if self.episode is None else f"episode {self.episode}",
            None if self.step is None else f"step {self.step}",
        ]
        return ", ".join(part for part in parts if part)

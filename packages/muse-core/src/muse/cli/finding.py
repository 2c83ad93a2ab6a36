"""One line of what `muse doctor` reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        area: heading it stands under.
        name: what was looked at.
        state: "ok", "missing" (optional and not installed), "broken" or "note".
        detail: what was found.
        remedy: what to do, "" when nothing is to be done.
    """

    area: str
    name: str
    state: str
    detail: str
    remedy: str = ""

"""The base of every policy, at the path users know; it lives in muse-core and needs no torch."""

from __future__ import annotations

from muse.core.policy import Policy

__all__ = ["Policy"]

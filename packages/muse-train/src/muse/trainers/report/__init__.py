"""Self-contained HTML reports of training and evaluation."""

from __future__ import annotations

from muse.trainers.report.parts import Bar, Clip, Curve
from muse.trainers.report.report import Report, write_report

__all__ = ["Bar", "Clip", "Curve", "Report", "write_report"]

"""Experiment folders: what a run leaves on disk, written so that a kill never halves a file."""

from __future__ import annotations

from muse.experiments.file_manager import ExperimentFileManager

__all__ = ["ExperimentFileManager"]

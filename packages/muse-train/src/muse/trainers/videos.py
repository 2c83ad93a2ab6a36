"""Rollouts as GIFs in a run's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from muse.envs.video import write_video
from muse.experiments import ExperimentFileManager

if TYPE_CHECKING:
    from muse.envs.rollout import Episode


def write_videos(run_dir: str | Path, name: str, episodes: Sequence[Episode]) -> list[Path]:
    """Write one GIF for each episode that has pictures; returns their paths.

    Raises:
        MissingExtraError: pillow is not installed.
    """
    folder = ExperimentFileManager.open(run_dir).videos_dir
    paths = []
    for episode in episodes:
        if episode.frames:
            outcome = "success" if episode.success else "failure"
            path = folder / f"{name}_seed{episode.seed}_{outcome}.gif"
            paths.append(write_video(path, episode.frames))
    return paths

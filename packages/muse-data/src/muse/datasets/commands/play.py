"""`muse data play`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from muse.cli import console
from muse.core.errors import UsageError, suggest
from muse.datasets.commands.arguments import add_episodes, add_source, open_data
from muse.datasets.formats.source import EpisodeSource
from muse.datasets.tools.film import (
    Picture,
    side_by_side,
    write_gif,
    write_mp4,
    write_sheet,
)

_KINDS = (".mp4", ".gif", ".png", ".jpg")


def add_parser(commands: Any) -> None:
    """Add `play` to the sub-commands."""
    parser = commands.add_parser(
        "play",
        help="write pictures of episodes as a video, a GIF or a sheet",
        description="Write what the cameras saw: as .mp4, .gif, or (.png, .jpg) as a sheet with "
        "a row of pictures for each episode. Several cameras are put side by side.",
    )
    add_source(parser)
    parser.add_argument("--images", nargs="+", metavar="NAME", help="picture columns (all)")
    add_episodes(parser, "episodes to play")
    parser.add_argument(
        "--out", required=True, help="what to write; with {episode} in it, a file for each episode"
    )
    parser.add_argument("--fps", type=float, help="frames a second (of the data, else 10)")
    parser.add_argument("--pictures", type=int, default=8, metavar="N", help="in a row (8)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    suffix = Path(arguments.out).suffix.lower()
    if suffix not in _KINDS:
        raise UsageError(f"--out {arguments.out}: expected a name that ends in {', '.join(_KINDS)}")
    with open_data(arguments) as source:
        cameras = _cameras(source, arguments.images)
        fps = arguments.fps or float(source.info.get("fps") or 10)
        if fps <= 0 or arguments.pictures < 1:
            raise UsageError("expected --fps above 0 and --pictures of 1 or more")
        episodes = list(range(len(source.lengths)))
        groups = {Path(arguments.out): episodes}
        if "{episode}" in arguments.out:
            groups = {Path(arguments.out.replace("{episode}", str(i))): [i] for i in episodes}
        for path, group in groups.items():
            if suffix in (".mp4", ".gif"):
                write = write_mp4 if suffix == ".mp4" else write_gif
                write(path, _frames(source, cameras, group, path.name), fps)
            else:
                write_sheet(path, _rows(source, cameras, group, arguments.pictures))
            console.info(f"wrote {path}")
    return 0


def _cameras(source: EpisodeSource, names: list[str] | None) -> list[str]:
    there = [c.name for c in source.columns() if c.is_image and c.per == "step"]
    if not there:
        raise UsageError(f"{source.path} has no pictures to play")
    for name in names or []:
        if name not in there:
            raise UsageError(
                f"--images {name}: {source.path} has {', '.join(there)}.{suggest(name, there)}"
            )
    return names or there


def _frames(
    source: EpisodeSource, cameras: list[str], episodes: list[int], name: str
) -> Iterator[Picture]:
    """Yield what all cameras saw, step by step."""
    with console.progress(int(source.lengths[episodes].sum()), f"writing {name}") as bar:
        for episode in episodes:
            seen = [source.read(camera, episode) for camera in cameras]
            for step in range(int(source.lengths[episode])):
                yield side_by_side([frames[step] for frames in seen])
                bar.update(1)


def _rows(
    source: EpisodeSource, cameras: list[str], episodes: list[int], count: int
) -> list[list[Picture]]:
    """Return for each episode `count` pictures spread over it."""
    rows = []
    for episode in console.progress(episodes, "reading pictures"):
        seen = [source.read(camera, episode) for camera in cameras]
        steps = np.linspace(0, int(source.lengths[episode]) - 1, count).astype(int)
        rows.append([side_by_side([frames[step] for frames in seen]) for step in steps])
    return rows

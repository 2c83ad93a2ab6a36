"""Reading LeRobot data sets, versions 2.0, 2.1 and 3.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError
from muse.datasets.formats.arrow_numbers import numbers
from muse.datasets.formats.field_source import Field, FieldSource, field, single_precision
from muse.datasets.formats.image_bytes import decode_image
from muse.datasets.formats.lerobot_meta import LeRobotEpisode, LeRobotMeta
from muse.datasets.formats.parquet_files import read_parquet
from muse.datasets.formats.roles import OUTPUTS
from muse.datasets.formats.video_frames import read_frames

TASK = "task"
_COUNTED = ("frame_index", "episode_index", "index")
_NAMES = {"next.reward": "reward", "next.success": "success", "next.done": None, "task_index": None}


class LeRobotSource(FieldSource):
    """A local LeRobot folder: parquet, and mp4 where features are video.

    `observation.state` is named `state`, `observation.images.top` `images/top`, `next.reward`
    `reward`. The task in words is the column `task`, once an episode, or once a step where an
    episode has several. Features whose videos are not all there are left out.

    Args:
        path: the folder that holds `meta/`.
        without_video: leave out features kept as video.
        only_with_video: read only the episodes whose videos are all there.
    """

    summary: ClassVar[str] = "LeRobot v2.0, v2.1 and v3.0 folders (extras arrow and video)"

    def __init__(
        self, path: Path, without_video: bool = False, only_with_video: bool = False
    ) -> None:
        super().__init__(path)
        self._meta = LeRobotMeta(path)
        every = enumerate(self._meta.episodes)
        kept = {i: e for i, e in every if not only_with_video or all(map(self._there(e), e.videos))}
        if not kept:
            raise DataError(f"{path} has no episode whose videos are there; copy its videos/")
        self._numbers, self._episodes = list(kept), list(kept.values())
        self._without_video = without_video
        self._lengths = np.array([e.length for e in self._episodes], np.int64)
        self._cached: tuple[Path | None, dict[str, Any]] = (None, {})
        self._unplaced = []
        placed = [self._place(key, about) for key, about in self._meta.features.items()]
        self.keep((*placed, self._task_field()))

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return (path / "meta" / "info.json").is_file()

    @property
    def info(self) -> Mapping[str, Any]:
        about = self._meta.info
        names = {k: f["names"] for k, f in self._meta.features.items() if f.get("names")}
        return {
            "format": f"lerobot {self._meta.version}",
            "fps": self._meta.fps,
            "robot": about.get("robot_type"),
            "tasks": list(self._meta.tasks.values()),
            "names": names,
        }

    @property
    def filters(self) -> Mapping[str, Sequence[int]]:
        splits = self._meta.info.get("splits")
        found = {}
        for name, text in (splits if isinstance(splits, dict) else {}).items():
            begin, colon, end = str(text).partition(":")
            if colon and begin.isdigit() and end.isdigit():
                span = range(int(begin), int(end))
                found[name] = [i for i, number in enumerate(self._numbers) if number in span]
        return {n: members for n, members in found.items() if members}

    def fetch(self, field: Field, episode: int) -> NDArray[Any]:
        about = self._episodes[episode]
        if field.column.name == TASK:
            return self._tasks(field, episode)
        feature = self._meta.features[field.key]
        if feature["dtype"] == "video":
            part = about.videos[field.key]
            return read_frames(
                part.file, part.begin, about.length, self._meta.fps, field.column.shape
            )
        rows = self._rows(episode, field.key)
        if feature["dtype"] == "image":
            return self._pictures(field, episode, rows)
        return numbers(rows).reshape(about.length, *field.column.shape)

    def close(self) -> None:
        self._cached = (None, {})

    # -- below -------------------------------------------------------------------------------

    def _place(self, key: str, about: Mapping[str, Any]) -> Field | None:
        reason = self._reason_to_leave_out(key, about)
        if reason:
            self._unplaced.append(f"{key} ({reason})")
            return None
        name = _NAMES.get(key) or key.removeprefix("observation.").replace(".", "/")
        shape = tuple(about["shape"])
        if about["dtype"] in ("video", "image"):
            height, width, channels = _height_width(shape, about.get("names"))
            return field(name, key, (height, width, channels), np.dtype(np.uint8))
        dtype = np.dtype(about["dtype"])
        is_bare = shape == (1,) and name in ("timestamp", *OUTPUTS)
        return field(name, key, () if is_bare else shape, single_precision(dtype))

    def _reason_to_leave_out(self, key: str, about: Mapping[str, Any]) -> str | None:
        if key in _COUNTED:
            return "counted from the episodes"
        if key == "next.done":
            return "done follows from where episodes end"
        if key == "task_index":
            return "the column task has it in words"
        kind = about["dtype"]
        if kind == "video":
            missing = sum(not self._there(e)(key) for e in self._episodes)
            if self._without_video:
                return "--without-video"
            if missing:
                return (
                    f"{missing} of {len(self._episodes)} videos are missing; copy them, or read "
                    "only the episodes that have theirs with --only-with-video"
                )
        elif kind != "image" and not _is_numeric(kind):
            return f"dtype {kind}; expected numbers, image or video"
        return None

    @staticmethod
    def _there(episode: LeRobotEpisode) -> Callable[[str], bool]:
        """Return whether the video of a feature is there, for one episode."""
        return lambda key: episode.videos[key].file.is_file()

    def _task_field(self) -> Field | None:
        if not self._meta.tasks:
            return None
        longest = max(map(len, self._meta.tasks.values())) or 1
        several = any(len(e.tasks) > 1 for e in self._episodes)
        dtype = np.dtype(f"U{longest}")
        return field(TASK, "task_index", (), dtype, "step" if several else "episode")

    def _tasks(self, field: Field, episode: int) -> NDArray[Any]:
        if field.column.per == "episode":
            return np.array("".join(self._episodes[episode].tasks[:1]))
        indices = np.asarray(numbers(self._rows(episode, "task_index")), np.int64)
        unknown = set(indices.tolist()) - set(self._meta.tasks)
        if unknown:
            raise DataError(
                f"{self.path}: task {unknown.pop()} of episode {episode} is not in meta/tasks; "
                "download the data set again"
            )
        return np.array([self._meta.tasks[int(i)] for i in indices])

    def _rows(self, episode: int, key: str) -> Any:
        """Return a parquet column over one episode; the last file read is kept."""
        about = self._episodes[episode]
        if self._cached[0] != about.file:
            self._cached = (about.file, {})
        columns = self._cached[1]
        if key not in columns:
            table = read_parquet(about.file, [key], self._rows_of(about.file))
            if key not in table.column_names:
                raise DataError(f"{about.file} has no column {key!r}, which info.json promises")
            columns[key] = table[key].combine_chunks()
        rows = columns[key].slice(about.first_row, about.length)
        if len(rows) != about.length:
            raise DataError(f"{about.file} ends before episode {episode} does; download it again")
        return rows

    def _rows_of(self, file: Path) -> int | None:
        """Return how many rows a file must have, None where it holds several episodes."""
        if self._meta.version == "v3.0":
            return None
        return next(e.length for e in self._episodes if e.file == file)

    def _pictures(self, field: Field, episode: int, rows: Any) -> NDArray[Any]:
        frames = np.empty((self._episodes[episode].length, *field.column.shape), np.uint8)
        for i, cell in enumerate(rows.to_pylist()):
            data = cell.get("bytes") if isinstance(cell, dict) else None
            if not isinstance(data, bytes):
                raise ValueError(f"row {i} holds no image bytes")
            frames[i] = decode_image(data, field.column.shape)
        return frames


def _is_numeric(kind: str) -> bool:
    try:
        return np.dtype(kind).kind in "fiub"
    except TypeError:
        return False


def _height_width(shape: tuple[int, ...], names: Any) -> tuple[int, ...]:
    """Return (H, W, C) of a picture feature, which may be declared channels first."""
    if len(shape) != 3:
        raise DataError(f"an image or video feature has shape {shape}, expected (H, W, 3)")
    first = isinstance(names, list) and names and str(names[0]).startswith("channel")
    return (*shape[1:], shape[0]) if first else shape

"""What writing LeRobot v2.1 and v3.0 have in common."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import MissingExtraError
from muse.datasets.formats.atomic_folder import atomic_folder
from muse.datasets.formats.lerobot_source import TASK
from muse.datasets.formats.lerobot_stats import LeRobotStats
from muse.datasets.formats.parts import Parts
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.target import Advance, EpisodeTarget, entries
from muse.datasets.formats.video_frames import write_video

_FPS = 10.0  # where the source does not know its own
_NAMES = {"reward": "next.reward", "success": "next.success"}
_COUNTED = ("timestamp", "frame_index", "episode_index", "index", "task_index")
_OWN = {"frame_index": "int64", "episode_index": "int64", "index": "int64", "task_index": "int64"}


class LeRobotWriter(EpisodeTarget):
    """A LeRobot folder; pictures become mp4 (H.264, lossy), or PNG where that is asked for.

    Args:
        images: keep pictures as "video", or as "png" in the parquet files, without loss.
    """

    version: ClassVar[str]
    data_path: ClassVar[str]
    video_path: ClassVar[str]

    def __init__(self, images: Literal["video", "png"] = "video") -> None:
        self._as_video = images == "video"

    @abstractmethod
    def begin(self, folder: Path) -> None:
        """Begin a data set in an empty folder."""

    @abstractmethod
    def write_rows(self, episode: int, table: Any) -> None:
        """Write the rows of one episode, a `pyarrow.Table`."""

    @abstractmethod
    def video_file(self, episode: int, key: str) -> Path:
        """Return where the video of one episode goes."""

    @abstractmethod
    def end_episode(
        self, episode: int, length: int, tasks: list[str], stats: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Note an episode whose rows and videos are written."""

    @abstractmethod
    def end(self, tasks: list[str], stats: Mapping[str, Mapping[str, Any]]) -> None:
        """Write what is known of the whole."""

    @abstractmethod
    def more_info(self, episodes: int) -> dict[str, Any]:
        """Return what this version adds to info.json."""

    def write(
        self, source: EpisodeSource, path: Path, advance: Advance = lambda entries: None
    ) -> None:
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise MissingExtraError("writing LeRobot", "muse-data", "arrow") from None
        parts = Parts(source)
        self.fps = float(source.info.get("fps") or _FPS)
        features = {_key(c, parts): c for c in source.columns() if _is_kept(c)}
        self.video_keys = [k for k, c in features.items() if c.is_image and self._as_video]
        tasks: list[str] = []
        stats = LeRobotStats()
        with atomic_folder(path, "meta/info.json") as folder:
            (folder / "meta").mkdir()
            self.begin(folder)
            begin = 0
            for i, length in enumerate(source.lengths.tolist()):
                values = {key: source.read(c.name, i) for key, c in features.items()}
                words = _tasks_of(source, i)
                tasks += [w for w in dict.fromkeys(words) if w not in tasks]
                counted = _counted(i, begin, words, tasks, self.fps)
                self._write_values(i, {**values, **counted}, features)
                own = stats.add({**values, **counted})
                self.end_episode(i, length, list(dict.fromkeys(words)), own)
                begin += length
                advance(entries(source, i))
            self.end(tasks, stats.whole())
            info = self._info(source, features, len(tasks))
            text = json.dumps(info, indent=4)
            (folder / "meta" / "info.json").write_text(text, encoding="utf-8")

    def losses(self, source: EpisodeSource) -> list[str]:
        lost = [c.name for c in source.columns() if not _is_kept(c) and c.name != TASK]
        lost = [name for name in lost if name not in _COUNTED]
        images = [c.name for c in source.columns() if c.is_image and self._as_video]
        said = [f"the columns {', '.join(lost)}"] if lost else []
        if images:
            said.append(f"every pixel of {', '.join(images)}: video is lossy")
        if not source.info.get("fps"):
            said.append(f"the frame rate, which the source does not know; {_FPS:g} is written")
        return said

    def _write_values(
        self, episode: int, values: Mapping[str, NDArray[Any]], features: Mapping[str, Column]
    ) -> None:
        import pyarrow

        columns = {}
        for key, rows in values.items():
            if key in self.video_keys:
                file = self.video_file(episode, key)
                file.parent.mkdir(parents=True, exist_ok=True)
                write_video(file, rows, self.fps)
            elif key in features and features[key].is_image:
                columns[key] = _png_array(rows)
            else:
                columns[key] = _nested(rows)
        self.write_rows(episode, pyarrow.table(columns))

    def _info(
        self, source: EpisodeSource, features: Mapping[str, Column], tasks: int
    ) -> dict[str, Any]:
        lengths = source.lengths
        described = {k: self._feature(source, k, c) for k, c in features.items()}
        described["timestamp"] = {"dtype": "float32", "shape": [1], "names": None}
        for key, dtype in _OWN.items():
            described[key] = {"dtype": dtype, "shape": [1], "names": None}
        return {
            "codebase_version": self.version,
            "robot_type": source.info.get("robot"),
            "total_episodes": len(lengths),
            "total_frames": int(lengths.sum()),
            "total_tasks": tasks,
            "fps": int(self.fps) if self.fps.is_integer() else self.fps,
            "splits": {"train": f"0:{len(lengths)}"},
            "data_path": self.data_path,
            "video_path": self.video_path if self.video_keys else None,
            "features": described,
            **self.more_info(len(lengths)),
        }

    def _feature(self, source: EpisodeSource, key: str, column: Column) -> dict[str, Any]:
        if column.is_image:
            names = ["height", "width", "channels"]
            kind = "video" if key in self.video_keys else "image"
            return {"dtype": kind, "shape": list(column.shape), "names": names}
        by_feature = source.info.get("names")
        known = by_feature.get(key) if isinstance(by_feature, dict) else None
        shape = list(column.shape) or [1]
        return {"dtype": str(column.dtype), "shape": shape, "names": known}


def _is_kept(column: Column) -> bool:
    is_number = column.dtype.kind in "fiub"
    return column.per == "step" and is_number and column.name not in _COUNTED


def _key(column: Column, parts: Parts) -> str:
    """Return the feature a column becomes, so that reading gives its name back."""
    name = column.name.replace("/", ".")
    if column in parts.observations:
        return f"observation.{name}"
    return _NAMES.get(column.name, name)


def _tasks_of(source: EpisodeSource, episode: int) -> list[str]:
    """Return the task of each step in words."""
    length = int(source.lengths[episode])
    if any(c.name == TASK for c in source.columns()):
        words = np.broadcast_to(source.read(TASK, episode), (length,))
        return [str(word) for word in words]
    return [str(source.info.get("task") or "")] * length


def _counted(
    episode: int, begin: int, words: list[str], tasks: list[str], fps: float
) -> dict[str, NDArray[Any]]:
    length = len(words)
    frames = np.arange(length, dtype=np.int64)
    return {
        "timestamp": (frames / fps).astype(np.float32),
        "frame_index": frames,
        "episode_index": np.full(length, episode, np.int64),
        "index": frames + begin,
        "task_index": np.array([tasks.index(w) for w in words], np.int64),
    }


def _nested(rows: NDArray[Any]) -> Any:
    """Return rows (L, …) as an arrow array, lists for every axis but the first."""
    import pyarrow

    if rows.ndim > 1 and rows.shape[1:] == (1,):
        rows = rows[:, 0]  # LeRobot keeps single numbers bare
    array = pyarrow.array(np.ascontiguousarray(rows).reshape(-1))
    for size in reversed(rows.shape[1:]):
        array = pyarrow.FixedSizeListArray.from_arrays(array, size)
    return array


def _png_array(rows: NDArray[Any]) -> Any:
    import pyarrow

    from muse.datasets.formats.image_bytes import encode_png

    kind = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    return pyarrow.array([{"bytes": encode_png(r), "path": None} for r in rows], kind)

"""What a LeRobot data set says of itself, versions 2.0, 2.1 and 3.0."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from muse.core.errors import DataError, message_line
from muse.datasets.formats.parquet_files import read_parquet

#: A path whose fields are bare names with a width of one digit, so that none can blow up.
_TEMPLATE = r"(?:[^{}]|\{\w+(?::0\dd)?\})+"
_MOST_TEXT = 256 << 20  # bytes of one meta file


@dataclass(frozen=True)
class VideoPart:
    """Where the pictures of one episode are: a file, and seconds from its start."""

    file: Path
    begin: float = 0.0


@dataclass(frozen=True)
class LeRobotEpisode:
    """One episode.

    Args:
        length: steps.
        tasks: what was to be done, in words.
        file: the parquet file that holds its rows.
        first_row: its first row in there.
        videos: by feature.
    """

    length: int
    tasks: tuple[str, ...]
    file: Path
    first_row: int = 0
    videos: dict[str, VideoPart] = field(default_factory=dict)


class LeRobotMeta:
    """The meta files of a data set on disk.

    Args:
        path: its folder.

    Raises:
        DataError: a file is missing or damaged, or the version is not known.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.info: dict[str, Any] = self._guarded("meta/info.json", self._read_info)
        self.version = str(self.info.get("codebase_version"))
        self.fps = float(self.info["fps"])
        self.features: dict[str, dict[str, Any]] = self.info["features"]
        if self.version not in ("v2.0", "v2.1", "v3.0"):
            raise DataError(
                f"{path} is of LeRobot version {self.version}; expected v2.0, v2.1 or v3.0; "
                "convert it with lerobot"
            )
        is_v3 = self.version == "v3.0"
        tasks, episodes = (
            ("meta/tasks.parquet", "meta/episodes")
            if is_v3
            else ("meta/tasks.jsonl", "meta/episodes.jsonl")
        )
        read_tasks = self._tasks_v3 if is_v3 else self._tasks_v2
        read_episodes = self._episodes_v3 if is_v3 else self._episodes_v2
        self.tasks: dict[int, str] = self._guarded(tasks, read_tasks)
        self.episodes: list[LeRobotEpisode] = self._guarded(episodes, lambda: list(read_episodes()))
        if not self.episodes or min(e.length for e in self.episodes) < 1:
            raise DataError(f"{path}: {episodes} names no episode, or one without steps")

    @property
    def video_keys(self) -> list[str]:
        """The features kept as video."""
        return [k for k, f in self.features.items() if f["dtype"] == "video"]

    def _read_info(self) -> dict[str, Any]:
        info = json.loads(self._text("meta/info.json"))
        for feature in info["features"].values():
            shape = feature["shape"]
            if not isinstance(feature["dtype"], str) or not all(
                isinstance(n, int) and n >= 0 for n in shape
            ):
                raise ValueError(f"feature {feature}")
        if not float(info["fps"]) > 0:
            raise ValueError(f"fps is {info['fps']}")
        info["data_path"], info["video_path"] = str(info["data_path"]), info.get("video_path")
        return dict(info)

    def _tasks_v2(self) -> dict[int, str]:
        return {int(t["task_index"]): str(t["task"]) for t in self._lines("meta/tasks.jsonl")}

    def _tasks_v3(self) -> dict[int, str]:
        rows = read_parquet(self.path / "meta" / "tasks.parquet").to_pylist()
        names = ("task", "__index_level_0__")
        return {int(r["task_index"]): str(next(r[n] for n in names if n in r)) for r in rows}

    def _episodes_v2(self) -> Iterator[LeRobotEpisode]:
        size = int(self.info.get("chunks_size", 1000))
        for row in self._lines("meta/episodes.jsonl"):
            index = int(row["episode_index"])
            at = {"episode_chunk": index // size, "episode_index": index}
            videos = {
                key: VideoPart(self._inside(self.info["video_path"], video_key=key, **at))
                for key in self.video_keys
            }
            file = self._inside(self.info["data_path"], **at)
            yield LeRobotEpisode(int(row["length"]), _words(row.get("tasks")), file, 0, videos)

    def _episodes_v3(self) -> Iterator[LeRobotEpisode]:
        begins: dict[tuple[int, int], int] = {}
        for file in sorted((self.path / "meta" / "episodes").glob("chunk-*/file-*.parquet")):
            parts = ("chunk_index", "file_index", "from_timestamp")
            of_videos = [f"videos/{key}/{part}" for key in self.video_keys for part in parts]
            columns = [*_V3_COLUMNS, *of_videos]
            for row in read_parquet(file, columns).to_pylist():
                place = (int(row["data/chunk_index"]), int(row["data/file_index"]))
                begin = int(row["dataset_from_index"])
                first = begin - begins.setdefault(place, begin)
                data = self._inside(
                    self.info["data_path"], chunk_index=place[0], file_index=place[1]
                )
                videos = {key: self._video_v3(key, row) for key in self.video_keys}
                length = int(row["length"])
                yield LeRobotEpisode(length, _words(row["tasks"]), data, first, videos)

    def _video_v3(self, key: str, row: dict[str, Any]) -> VideoPart:
        at = {n: int(row[f"videos/{key}/{n}"]) for n in ("chunk_index", "file_index")}
        file = self._inside(self.info["video_path"], video_key=key, **at)
        return VideoPart(file, float(row[f"videos/{key}/from_timestamp"]))

    def _inside(self, template: str, **values: Any) -> Path:
        """Return a path made from one of the templates; it must stay in the folder."""
        if not re.fullmatch(_TEMPLATE, template):
            raise ValueError(f"{template!r} is no template of a path")
        path = self.path / template.format(**values)
        if self.path.resolve() not in path.resolve().parents:
            raise ValueError(f"{template!r} leads out of the folder")
        return path

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        rows = [json.loads(line) for line in self._text(name).splitlines() if line.strip()]
        key = "episode_index" if "episodes" in name else "task_index"
        yield from sorted(rows, key=lambda row: int(row[key]))

    def _text(self, name: str) -> str:
        file = self.path / name
        if file.stat().st_size > _MOST_TEXT:
            raise ValueError(f"it has {file.stat().st_size} bytes, expected at most {_MOST_TEXT}")
        return file.read_text(encoding="utf-8")

    def _guarded(self, name: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except DataError:
            raise
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise DataError(
                f"{self.path}: {name} is missing or damaged ({message_line(error)[:160]}); copy or "
                "download the data set again"
            ) from error
        except (StopIteration, RecursionError, OverflowError) as error:
            raise DataError(f"{self.path}: {name} is damaged; download it again") from error


_V3_COLUMNS = (
    "episode_index", "tasks", "length", "data/chunk_index", "data/file_index",
    "dataset_from_index",
)  # fmt: skip


def _words(tasks: Any) -> tuple[str, ...]:
    if isinstance(tasks, str):
        return (tasks,)
    return tuple(str(task) for task in tasks or ())

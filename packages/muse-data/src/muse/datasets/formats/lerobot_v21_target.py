"""Writing LeRobot v2.1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from muse.datasets.formats.lerobot_writer import LeRobotWriter

_CHUNK = 1000  # episodes a folder


class LeRobotV21Target(LeRobotWriter):
    """A parquet file an episode, JSON lines in `meta/`."""

    summary: ClassVar[str] = "LeRobot v2.1 (extras arrow and video)"
    version = "v2.1"
    data_path = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
    video_path = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"

    def begin(self, folder: Path) -> None:
        self._folder = folder
        self._episodes: list[str] = []
        self._stats: list[str] = []

    def write_rows(self, episode: int, table: Any) -> None:
        from pyarrow import parquet

        path = self._folder / self.data_path.format(**_place(episode))
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, path)

    def video_file(self, episode: int, key: str) -> Path:
        return self._folder / self.video_path.format(video_key=key, **_place(episode))

    def end_episode(
        self, episode: int, length: int, tasks: list[str], stats: Mapping[str, Mapping[str, Any]]
    ) -> None:
        about = {"episode_index": episode, "tasks": tasks, "length": length}
        self._episodes.append(json.dumps(about))
        self._stats.append(json.dumps({"episode_index": episode, "stats": stats}))

    def end(self, tasks: list[str], stats: Mapping[str, Mapping[str, Any]]) -> None:
        rows = [json.dumps({"task_index": i, "task": task}) for i, task in enumerate(tasks)]
        for name, lines in (
            ("episodes", self._episodes), ("episodes_stats", self._stats), ("tasks", rows)
        ):  # fmt: skip
            text = "\n".join([*lines, ""])
            (self._folder / "meta" / f"{name}.jsonl").write_text(text, encoding="utf-8")

    def more_info(self, episodes: int) -> dict[str, Any]:
        return {
            "chunks_size": _CHUNK,
            "total_chunks": -(-episodes // _CHUNK),
            "total_videos": episodes * len(self.video_keys),
        }


def _place(episode: int) -> dict[str, int]:
    return {"episode_chunk": episode // _CHUNK, "episode_index": episode}

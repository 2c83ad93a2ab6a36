"""Writing LeRobot v3.0."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from muse.datasets.formats.lerobot_writer import LeRobotWriter

_ROLL = 100 << 20  # bytes at which a data file is closed and the next begun
_CHUNK = 1000  # files a folder


class LeRobotTarget(LeRobotWriter):
    """Many episodes a parquet file, and their places in `meta/episodes`."""

    summary: ClassVar[str] = "LeRobot v3.0 (extras arrow and video)"
    version = "v3.0"
    data_path = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    video_path = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"

    def begin(self, folder: Path) -> None:
        self._folder = folder
        self._rows: list[dict[str, Any]] = []
        self._writer: Any = None
        self._file, self._total = -1, 0

    def write_rows(self, episode: int, table: Any) -> None:
        from pyarrow import parquet

        if self._writer is None:
            self._file += 1
            path = self._folder / self.data_path.format(**_place(self._file))
            path.parent.mkdir(parents=True, exist_ok=True)
            self._path, self._writer = path, parquet.ParquetWriter(path, table.schema)
        self._writer.write_table(table)
        self._data_file = self._file
        if self._path.stat().st_size > _ROLL:
            self._writer.close()
            self._writer = None

    def video_file(self, episode: int, key: str) -> Path:
        return self._folder / self.video_path.format(video_key=key, **_place(episode))

    def end_episode(
        self, episode: int, length: int, tasks: list[str], stats: Mapping[str, Mapping[str, Any]]
    ) -> None:
        row: dict[str, Any] = {"episode_index": episode, "tasks": tasks, "length": length}
        row |= {f"data/{name}": value for name, value in _place(self._data_file).items()}
        row |= {"dataset_from_index": self._total, "dataset_to_index": self._total + length}
        for key in self.video_keys:
            row |= {f"videos/{key}/{name}": value for name, value in _place(episode).items()}
            row[f"videos/{key}/from_timestamp"] = 0.0
            row[f"videos/{key}/to_timestamp"] = length / self.fps
        for key, values in stats.items():
            row |= {f"stats/{key}/{name}": value for name, value in values.items()}
        row |= {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
        self._rows.append(row)
        self._total += length

    def end(self, tasks: list[str], stats: Mapping[str, Mapping[str, Any]]) -> None:
        import pyarrow
        from pyarrow import parquet

        if self._writer is not None:
            self._writer.close()
        meta = self._folder / "meta"
        (meta / "episodes" / "chunk-000").mkdir(parents=True)
        episodes = pyarrow.Table.from_pylist(self._rows)
        parquet.write_table(episodes, meta / "episodes" / "chunk-000" / "file-000.parquet")
        index = "__index_level_0__"
        table = pyarrow.table({"task_index": list(range(len(tasks))), index: tasks})
        table = table.replace_schema_metadata({"pandas": json.dumps(_pandas(index))})
        parquet.write_table(table, meta / "tasks.parquet")
        (meta / "stats.json").write_text(json.dumps(stats, indent=2), encoding="utf-8")

    def more_info(self, episodes: int) -> dict[str, Any]:
        return {"chunks_size": _CHUNK, "data_files_size_in_mb": 100, "video_files_size_in_mb": 200}


def _place(file: int) -> dict[str, int]:
    return {"chunk_index": file // _CHUNK, "file_index": file % _CHUNK}


def _pandas(index: str) -> dict[str, Any]:
    """Return what tells pandas that the tasks are the index, as LeRobot reads them."""
    kinds = {"task_index": ("int64", "int64"), index: ("unicode", "object")}
    columns = [
        {
            "name": None if name == index else name,
            "field_name": name,
            "pandas_type": kind,
            "numpy_type": dtype,
            "metadata": None,
        }
        for name, (kind, dtype) in kinds.items()
    ]
    return {"index_columns": [index], "column_indexes": [], "columns": columns}

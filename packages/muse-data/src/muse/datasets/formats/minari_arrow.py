"""Reading Minari folders that keep their episodes in Arrow or Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from muse.core.errors import DataError, MissingExtraError, message_line
from muse.datasets.formats.arrow_numbers import numbers
from muse.datasets.formats.image_bytes import decode_images
from muse.datasets.formats.minari_source import MinariSource, column_name, data_folder
from muse.datasets.formats.parquet_files import read_parquet

_SUFFIXES = (".arrow", ".parquet")


class MinariArrow(MinariSource):
    """A folder an episode, `data/<i>`, each with one Arrow or Parquet file."""

    summary: ClassVar[str] = "Minari folders, Arrow or Parquet (extra arrow)"

    @classmethod
    def recognises(cls, path: Path) -> bool:
        folder = data_folder(path)
        if not (folder / "metadata.json").is_file():
            return False
        return any(p.suffix in _SUFFIXES for p in folder.glob("0/*"))

    def _open(self) -> list[int]:
        folders = [p for p in self._folder.iterdir() if p.is_dir() and p.name.isdigit()]
        self._files = [_data_file(p) for p in sorted(folders, key=lambda p: int(p.name))]
        self._last: tuple[int, dict[str, Any]] = (-1, {})
        # The last row holds the observation behind the last step, and padding.
        return [len(next(iter(self._columns(i).values()))) - 1 for i in range(len(self._files))]

    def _keys(self) -> list[str]:
        return [k for k in self._columns(0) if k != "episode_id"]

    def _read(self, key: str, episode: int) -> NDArray[Any]:
        try:
            return self._decode(key, episode)
        except (ValueError, TypeError, NotImplementedError, OverflowError) as error:
            raise _damaged(self._files[episode], error) from error

    def _decode(self, key: str, episode: int) -> NDArray[Any]:
        columns = self._columns(episode)
        if key not in columns:
            raise DataError(f"{self._files[episode]} has no column {key!r}, which episode 0 has")
        column = columns[key]
        if column.type.num_fields == 0 and str(column.type) in ("binary", "large_binary"):
            pictures = decode_images(column.to_pylist())
            return pictures if key.startswith("observations") else pictures[:-1]
        values = numbers(column).reshape(len(column), -1)
        shape = self._spaces.get(column_name(key), {}).get("shape", values.shape[1:])
        flat = str(column.type).startswith(("fixed_size_list", "list"))
        values = values.reshape(len(column), *shape) if flat else values[:, 0]
        return values if key.startswith(("observations", "infos")) else values[:-1]

    def _columns(self, episode: int) -> dict[str, Any]:
        """Return key -> arrow array of one episode; the last episode asked for is kept."""
        if self._last[0] != episode:
            table = _read_table(self._files[episode])
            try:
                self._last = (episode, dict(_leaves(table)))
            except Exception as error:  # arrow's errors have many bases
                raise _damaged(self._files[episode], error) from error
        return self._last[1]


def _data_file(folder: Path) -> Path:
    files = [p for p in sorted(folder.iterdir()) if p.suffix in _SUFFIXES]
    if len(files) != 1:
        raise DataError(f"{folder} holds {len(files)} data files, expected one; download it again")
    return files[0]


def _read_table(file: Path) -> Any:
    if file.suffix == ".parquet":
        return read_parquet(file)
    try:
        import pyarrow
    except ImportError:
        raise MissingExtraError("reading Arrow files", "muse-data", "arrow") from None
    try:
        with pyarrow.memory_map(str(file)) as source:
            table = pyarrow.ipc.open_file(source).read_all()
            table.validate(full=True)
            return table
    except Exception as error:  # arrow's errors have many bases
        raise _damaged(file, error) from error


def _damaged(file: Path, error: Exception) -> DataError:
    return DataError(
        f"{file} cannot be read ({message_line(error)[:160]}); it is damaged; download it again"
    )


def _leaves(table: Any) -> Iterator[tuple[str, Any]]:
    for name in table.column_names:
        yield from _split(name, table[name].combine_chunks())


def _split(name: str, column: Any) -> Iterator[tuple[str, Any]]:
    if not str(column.type).startswith("struct"):
        yield name, column
        return
    for i, inner in enumerate(column.type):
        yield from _split(f"{name}/{inner.name}", column.field(i))

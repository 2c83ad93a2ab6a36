"""Reading parquet files, their declared sizes checked first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from muse.core.errors import DataError, MissingExtraError, message_line

_MOST_RATIO = 1100  # bytes in memory to bytes in the file
_FREE = 16 << 20
_ROWS = 256  # read at a time
_VALUE = 8  # bytes, the largest number there is


def read_parquet(path: Path, columns: Sequence[str] | None = None, rows: int | None = None) -> Any:
    """Return a `pyarrow.Table` of the file.

    Args:
        path: the file.
        columns: which; None: all. Those it lacks are left out.
        rows: how many rows it must have; None: any number.

    Raises:
        DataError: it is missing or damaged, has other rows, or claims more than it can hold.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError("reading parquet", "muse-data", "arrow") from None
    try:
        with parquet.ParquetFile(path) as file:
            there = file.schema_arrow.names
            chosen = None if columns is None else [c for c in columns if c in there]
            limit = path.stat().st_size * _MOST_RATIO + _FREE
            _check_size(file.metadata, limit)
            if rows is not None and file.metadata.num_rows != rows:
                raise ValueError(f"{file.metadata.num_rows} rows, expected {rows}")
            return _read(file, chosen, limit)
    except Exception as error:  # arrow's errors have many bases
        raise DataError(
            f"{path} cannot be read ({message_line(error)[:160]}); it is missing or damaged; copy "
            "or download it again"
        ) from error


def _read(file: Any, columns: Sequence[str] | None, limit: int) -> Any:
    """Return the table; text that a dictionary repeats is larger than the metadata tell."""
    import pyarrow

    batches, taken = [], 0
    for batch in file.iter_batches(_ROWS, columns=columns, use_threads=False):
        taken += batch.nbytes
        if taken > limit:
            raise ValueError(f"more than {limit} bytes come out of it")
        batches.append(batch)
    schema = file.schema_arrow
    if columns is not None:
        schema = pyarrow.schema([schema.field(name) for name in columns])
    return pyarrow.Table.from_batches(batches, batches[0].schema if batches else schema)


def _check_size(metadata: Any, limit: int) -> None:
    needed = 0
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for i in range(row_group.num_columns):
            column = row_group.column(i)
            needed += max(column.num_values * _VALUE, column.total_uncompressed_size)
    if needed > limit:
        raise ValueError(f"it claims {needed} bytes, more than the {limit} it can hold")

"""What commands show: messages, progress and tables, prettier where rich is installed.

Progress and messages go to stderr, tables to stdout, so that results can be piped.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Any, TypeVar, overload

from muse.cli.progress import PlainProgress, Progress

T = TypeVar("T")


def info(message: str) -> None:
    """Show a line to the person at the terminal."""
    print(message, file=sys.stderr, flush=True)


def warn(message: str) -> None:
    """Show a line that starts with "muse: warning:"."""
    print(f"muse: warning: {message}", file=sys.stderr, flush=True)


@overload
def progress(
    items: int | None = None, description: str = "", total: int | None = None
) -> Progress[Any]: ...
@overload
def progress(
    items: Iterable[T], description: str = "", total: int | None = None
) -> Progress[T]: ...
def progress(
    items: Iterable[T] | int | None = None, description: str = "", total: int | None = None
) -> Progress[T]:
    """Return a progress display.

    `for x in progress(items, "reading")`, or for work counted by hand
    `with progress(100, "training") as bar: bar.update(1, loss=0.3)`.

    Args:
        items: what to iterate over, or the number of steps; None when it is unknown.
        description: what is being done.
        total: number of steps when `items` cannot tell it.
    """
    if isinstance(items, int):
        items, total = None, items
    if total is None and isinstance(items, Sized):
        total = len(items)
    if sys.stderr.isatty() and has_rich():
        from muse.cli.rich_progress import RichProgress

        return RichProgress(items, description, total)
    return PlainProgress(items, description, total)


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    styles: Mapping[str, str] | None = None,
) -> None:
    """Print a table; floats are shown with four significant digits, None as "-".

    Args:
        title: line above the table; "" for none.
        columns: headings.
        rows: cells, as many in each row as there are columns.
        styles: rich style by cell text ("ok": "green"), used where rich draws.
    """
    cells = [[format_cell(cell) for cell in row] for row in rows]
    if sys.stdout.isatty() and has_rich():
        _rich_table(title, columns, cells, styles or {})
        return
    print(plain_table(title, columns, cells), flush=True)


def plain_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text: columns of numbers to the right, others to the left."""
    grid = [[str(c) for c in columns], *[list(r) for r in rows]]
    widths = [max(len(row[i]) for row in grid) for i in range(len(columns))]
    right = [_is_numeric([row[i] for row in rows]) for i in range(len(columns))]

    def line(row: Sequence[str]) -> str:
        parts = [
            c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)
        ]
        return "  ".join(parts).rstrip()

    rule = "  ".join("-" * w for w in widths)
    return "\n".join([*([title] if title else []), line(grid[0]), rule, *map(line, grid[1:])])


def format_cell(value: Any) -> str:
    """Return the text of a table cell."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def has_rich() -> bool:
    """Whether rich is installed (looked up, not imported)."""
    return importlib.util.find_spec("rich") is not None


def _is_numeric(cells: Sequence[str]) -> bool:
    def number(cell: str) -> bool:
        return cell == "-" or cell.rstrip("%").replace(".", "", 1).lstrip("-+").isdigit()

    return bool(cells) and all(number(cell) for cell in cells)


def _rich_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Mapping[str, str]
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Text, not str: "muse-envs[gym]" would be read as markup.
    shown = Table(title=Text(title) if title else None, title_justify="left")
    for index, column in enumerate(columns):
        right = _is_numeric([row[index] for row in rows])
        shown.add_column(Text(column), justify="right" if right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*[Text(cell, style=styles.get(cell, "")) for cell in row])
    Console().print(shown)

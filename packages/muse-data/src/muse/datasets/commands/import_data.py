"""`muse data import`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from muse.cli import console
from muse.cli.progress import Progress
from muse.core.errors import UsageError
from muse.datasets.formats.importer import Importer, open_importer
from muse.experiments.file_manager import default_base_dir

#: Where each format goes without --to, below the base folder.
_DEFAULT_TARGETS = {"PushTZarr": "data/pusht/human.npz"}


def add_parser(commands: Any) -> None:
    """Add `import` to the sub-commands."""
    parser = commands.add_parser(
        "import",
        help="turn demonstrations of another format into a Muse .npz",
        description="Turn demonstrations of another format into a Muse .npz.",
        epilog="formats: pusht_zarr (human Push-T episodes, Zarr), npz (arrays with a row a step)",
    )
    parser.add_argument("source", help="file or folder to read")
    parser.add_argument("--to", metavar="OUT.npz", help="file to write (data/<place>/human.npz)")
    parser.add_argument("--format", default="auto", help="format of the source (auto)")
    parser.add_argument("--dry-run", action="store_true", help="show the plan, write nothing")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT.npz if it exists")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return import_data(
        arguments.source,
        arguments.to,
        arguments.format,
        dry_run=arguments.dry_run,
        overwrite=arguments.overwrite,
    )


def import_data(
    source: str,
    target: str | None = None,
    format_name: str = "auto",
    dry_run: bool = False,
    overwrite: bool = False,
) -> int:
    """Read `source` and write it as a Muse `.npz`; return the exit status.

    Raises:
        UsageError: the target is missing or exists.
        DataError: the source cannot be read.
    """
    importer = open_importer(Path(source), format_name)
    out = _target(importer, target)
    _show_plan(importer, out)
    if dry_run:
        console.info("dry run: nothing written")
        return 0
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists; add --overwrite to replace it or choose another --to")
    rows = sum(column.shape[0] for column in importer.all_columns())
    bar: Progress[int]
    with console.progress(rows, f"writing {out.name}") as bar:
        importer.write(out, bar.update)
    console.info(f"wrote {out} ({out.stat().st_size / 2**20:.1f} MiB)")
    return 0


def _target(importer: Importer, target: str | None) -> Path:
    if target is None:
        default = _DEFAULT_TARGETS.get(type(importer).__name__)
        if default is None:
            raise UsageError("muse data import: name the file to write with --to OUT.npz")
        return default_base_dir() / default
    path = Path(target)
    if path.suffix != ".npz":
        raise UsageError(f"--to {target}: expected a name that ends in .npz")
    return path


def _show_plan(importer: Importer, out: Path) -> None:
    lengths = importer.lengths
    console.table(
        f"{importer.path} -> {out}",
        ("key", "from", "shape", "dtype"),
        [(c.name, c.source, str(c.shape), str(c.dtype)) for c in importer.all_columns()],
    )
    console.info(
        f"{len(lengths)} episodes, {int(lengths.sum())} steps, "
        f"{int(np.min(lengths))} to {int(np.max(lengths))} each"
    )
    unplaced = importer.unplaced()
    if unplaced:
        console.info(f"left out: {', '.join(unplaced)}")

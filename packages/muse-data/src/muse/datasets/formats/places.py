"""Where data files are looked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from muse.datasets.formats.npz_reader import missing_file
from muse.experiments.file_manager import default_base_dir


def find_data_file(name: str | os.PathLike[str], file_manager: Any = None) -> Path:
    """Return the file `name`, with or without its `.npz`.

    Looked for as given, in `<base>/data/` and, given a file manager, in the run's folder.

    Raises:
        DataError: it is in none of these places; the message lists them and near names.
    """
    if file_manager is None:
        folders = [Path(), default_base_dir() / "data"]
    else:
        folders = [Path(), Path(file_manager.data_dir), Path(file_manager.exp_dir)]
    names = [Path(name)] if Path(name).suffix == ".npz" else [Path(name), Path(f"{name}.npz")]
    tried = [folder / each for folder in folders for each in names]
    for path in tried:
        if path.is_file():
            return path
    raise missing_file(name, tried)


def output_path(name: str | os.PathLike[str], file_manager: Any = None) -> Path:
    """Return where to write `name`: in the run's folder, given a file manager."""
    path = Path(name)
    if path.suffix != ".npz":
        path = path.with_name(path.name + ".npz")
    return path if file_manager is None else Path(file_manager.exp_dir) / path

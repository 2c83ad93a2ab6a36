"""What lies where in a store's folder.

`manifest.json` says what the store holds, `columns/<generation>/` has its array files, `episodes/`
what a recorder has not folded into them yet, `lock` keeps a second writer out.
"""

from __future__ import annotations

import os
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.errors import DataError, suggest
from muse.datasets.storage.windows import Rows
from muse.datasets.store.column_file import ColumnFile
from muse.datasets.store.manifest import MANIFEST, Manifest
from muse.experiments.file_manager import default_base_dir
from muse.experiments.run_lock import RunLock

ENDS = "episode_ends.i64"
EPISODES = "episodes"
_COLUMNS = "columns"
_LOCK = "lock"


def store_lock(store: Path) -> RunLock:
    """Return the lock of a store's writers, not taken yet."""
    return RunLock(store / _LOCK, "store", "wait for that writer or stop it, or write elsewhere")


def next_folder(store: Path) -> str:
    """Return the name of a folder of columns that is not there yet."""
    folder = store / _COLUMNS
    taken = [int(p.name) for p in folder.iterdir() if p.name.isdigit()] if folder.is_dir() else []
    return f"{_COLUMNS}/{max(taken, default=-1) + 1}"


def refuse_foreign_folder(store: Path) -> None:
    """Raise `DataError` unless `store` is a store, empty or not there."""
    if not store.exists():
        return
    if not store.is_dir():
        raise DataError(f"{store} is a file; a store is a folder; choose another name")
    known = {MANIFEST, _COLUMNS, EPISODES, _LOCK}
    foreign = [p.name for p in store.iterdir() if p.name not in known and MANIFEST not in p.name]
    if foreign:
        raise DataError(
            f"{store} holds {foreign[0]!r}, so it is no store and is left alone; choose another "
            "name"
        )


def refuse_recorded(store: Path) -> None:
    """Raise `DataError` if replacing `store` would lose what was recorded into it."""
    recorded = store / EPISODES
    if recorded.is_dir() and any(recorded.iterdir()):
        raise DataError(
            f"{store} holds recorded episodes that are not part of it yet; run: muse data recover "
            f"{store}"
        )


def remove_other_folders(folder: Path) -> int:
    """Remove the columns of other generations than `folder`; open readers keep what they have."""
    others = [other for other in folder.parent.iterdir() if other != folder]
    for other in others:
        shutil.rmtree(other, ignore_errors=True)
    return len(others)


def read_ends(store: Path, manifest: Manifest) -> Rows:
    """Return where each episode ends, (E,).

    Raises:
        DataError: the file is missing, truncated or damaged.
    """
    path = store / manifest.folder / ENDS
    try:
        with open(path, "rb") as handle:
            if os.fstat(handle.fileno()).st_size < 8 * manifest.episodes:
                raise truncated(path, 8 * manifest.episodes)
            data = handle.read(8 * manifest.episodes)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); restore it") from error
    ends = np.frombuffer(data, "<i8").astype(np.int64, copy=False)
    grows = len(ends) == 0 or (ends[0] > 0 and bool((np.diff(ends) > 0).all()))
    last = int(ends[-1]) if len(ends) else 0
    if zlib.crc32(data) != manifest.ends_crc32 or not grows or last != manifest.steps:
        raise DataError(f"{path} does not match its checksum; restore it from a copy")
    return ends


def find_store(name: str | os.PathLike[str], file_manager: Any = None) -> Path:
    """Return the folder of the store `name`.

    Looked for as given, in `<base>/data/` and, given a file manager, in the run's folder.

    Raises:
        DataError: it is in none of these places.
    """
    folders = [Path(), default_base_dir() / "data"]
    if file_manager is not None:
        folders = [Path(), Path(file_manager.data_dir), Path(file_manager.exp_dir)]
    for folder in folders:
        if (folder / name / MANIFEST).is_file():
            return folder / name
    for folder in folders:
        if (folder / name).exists():
            return folder / name  # opening it says what is wrong with it
    beside = [p.name for f in folders if f.is_dir() for p in f.iterdir()]
    raise DataError(
        f"store {os.fspath(name)!r} not found; looked in "
        f"{', '.join(str(f.absolute()) for f in folders)}; check the name, or set MUSE_DIR to the "
        f"folder that holds data/.{suggest(Path(name).name, beside)}"
    )


def entries_in(file: ColumnFile, lengths: Rows) -> Rows:
    """Return how many entries of its index each episode has in an encoded file, (E,)."""
    return -(-lengths // file.frames) if file.frames else lengths


def truncated(path: Path, expected: int) -> DataError:
    """Return the error for a file that is shorter than the manifest says."""
    size = path.stat().st_size
    return DataError(
        f"{path} has {size} bytes, expected at least {expected}; it is truncated: copy the store "
        "again"
    )


def beside(path: Path, suffix: str) -> Path:
    """Return the file that lies beside `path` under the same name and a suffix."""
    return path.with_name(path.name + suffix)

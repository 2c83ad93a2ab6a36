"""Folders that are either whole or not there."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from muse.core.errors import UsageError
from muse.experiments.atomic import explain_write_error, sync


@contextmanager
def atomic_folder(path: Path, marker: str) -> Iterator[Path]:
    """Yield a new folder to write into; on leaving without an error it becomes `path`.

    Args:
        path: the folder; one that is there is replaced.
        marker: a file that a folder of this kind holds. A folder without it is not replaced.

    Raises:
        UsageError: `path` is something else, which is left as it is.
        MuseError: the disk is full or the place cannot be written.
    """
    target = Path(os.path.realpath(path))
    is_other = target.exists() and not (target.is_dir() and (target / marker).exists())
    if is_other and not (target.is_dir() and not any(target.iterdir())):
        raise UsageError(
            f"{path} is in the way and is no data set of this format (it has no {marker}); choose "
            "another name, or remove it yourself"
        )
    token = f"{os.getpid()}-{secrets.token_hex(4)}"
    temporary = target.with_name(f".{target.name}.{token}.tmp")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        for file in temporary.rglob("*"):
            sync(file)
        _replace(temporary, target, token)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        clear = explain_write_error(error, path)
        if clear is not None:
            raise clear from error
        raise


def _replace(temporary: Path, target: Path, token: str) -> None:
    if not target.exists():
        os.rename(temporary, target)
        return
    aside = target.with_name(f".{target.name}.{token}.old")
    os.rename(target, aside)
    os.rename(temporary, target)
    shutil.rmtree(aside)

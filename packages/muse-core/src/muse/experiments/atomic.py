"""Files that are either whole or not there.

Every write goes to a temporary file beside the target, is flushed to the disk, and is then renamed
over the target in one step. A reader, or a run resumed after SIGKILL or a power cut, sees the old
file or the new one, never half of one.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from muse.core.errors import MuseError

_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS}
# Libraries that write through their own C code (HDF5, torch) lose the errno on the way up.
_FULL_TEXTS = ("No space left on device", "errno = 28", "Disk quota exceeded", "File too large")
_TORCH_WRITE_TEXTS = ("PytorchStreamWriter failed", "inline_container", "unexpected pos")
_LEFTOVER_AGE = 60.0  # seconds; younger ones may belong to a writer on another host


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path to write to; on leaving without an error it becomes `path`.

    The temporary file lies in the target's folder (which is made if missing) and keeps the
    target's suffix, because `numpy.savez` and others choose by it. After an error it is removed
    and the target is as it was. A target that is a symbolic link is written through.

    Raises:
        MuseError: one line, when the disk is full or the folder cannot be written.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(
        f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp{target.suffix}"
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        sync(temporary)
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        clear = explain_write_error(error, Path(path))
        if clear is not None:
            raise clear from error
        raise
    with suppress(OSError):  # some network file systems cannot sync a folder
        sync(target.parent)


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path` atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8 to `path` atomically, line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | os.PathLike[str], value: Any, indent: int | None = 2) -> None:
    """Write `value` as JSON to `path` atomically; keys keep their order.

    Numpy scalars and arrays become numbers and lists, paths become strings. Infinity and NaN are
    written as Python's json module reads them.

    Raises:
        TypeError: something inside has no JSON form; nothing is written.
    """
    write_text(path, json.dumps(value, indent=indent, default=_to_json) + "\n")


def remove_leftovers(folder: str | os.PathLike[str], is_locked: bool = False) -> list[Path]:
    """Delete temporary files that killed writers left in `folder` and below; return them.

    A file whose writer still lives, or that is younger than a minute, is left alone.

    Args:
        folder: where to look.
        is_locked: this process holds the folder's lock and is not writing yet. Then young files
            go too, and so do those with its own process id, which in a container a killed
            predecessor often had.
    """
    removed = []
    for path in Path(folder).rglob(".*.tmp*"):
        writer = _writer_of(path)
        if writer is None:
            continue
        is_own = is_locked and writer == os.getpid()
        if _is_alive(writer) and not is_own:
            continue
        with suppress(OSError):
            if is_locked or time.time() - path.stat().st_mtime >= _LEFTOVER_AGE:
                path.unlink()
                removed.append(path)
    return removed


def explain_write_error(error: BaseException, path: Path) -> MuseError | None:
    """Return the one-line error for a full disk or a forbidden folder, None for other errors."""
    text = str(error)
    if isinstance(error, OSError):
        if error.errno in _FULL_ERRNOS or any(t in text for t in _FULL_TEXTS):
            return _full_disk(path)
        if error.errno in _DENIED_ERRNOS:
            return MuseError(
                f"cannot write {path}: {os.strerror(error.errno or 0)}; give yourself the right "
                "to write there or choose another folder (MUSE_DIR sets the base folder)"
            )
        if error.errno in (errno.EISDIR, errno.ENOTDIR, errno.EEXIST):
            return MuseError(
                f"cannot write {path}: {os.strerror(error.errno)}; expected a file name inside a "
                "folder; move what is in the way or choose another name"
            )
    if isinstance(error, RuntimeError) and (
        any(t in text for t in _FULL_TEXTS) or any(t in text for t in _TORCH_WRITE_TEXTS)
    ):
        return _full_disk(path)
    return None


def sync(path: Path) -> None:
    """Force a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_bytes(path: str | os.PathLike[str]) -> int:
    """Return the bytes free for this user on the disk that holds `path` (or its nearest parent)."""
    place = Path(path).absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    stat = os.statvfs(place)
    return stat.f_bavail * stat.f_frsize


def _full_disk(path: Path) -> MuseError:
    free = free_bytes(path.parent) / 2**20
    return MuseError(
        f"cannot write {path}: the disk is full or a size limit was met ({free:.1f} MiB free); "
        "nothing half-written was left; free some space or choose another folder and run again"
    )


def _writer_of(path: Path) -> int | None:
    """Return the process id in a temporary file's name, None when the file is not one of ours."""
    parts = path.name.split(".")
    for part in parts[2:]:
        number, dash, token = part.partition("-")
        if dash and number.isdigit() and len(token) == 8:
            return int(number)
    return None


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _to_json(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value).__name__} has no JSON form: {value!r}")

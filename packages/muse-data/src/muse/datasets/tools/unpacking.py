"""Unpacking archives of other people."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from muse.core.errors import DataError, message_line
from muse.experiments.atomic import free_bytes

_MOST_FILES = 1_000_000
_MOST_RATIO = 1100  # deflate cannot do better than 1032 : 1


def unpack_zip(archive: Path, folder: Path) -> list[str]:
    """Unpack a zip archive into `folder`; return the names at its top.

    Everything is unpacked beside the folder first, and moved into it when it is whole.

    Raises:
        DataError: the archive is damaged, holds a path that leads out of the folder or a link,
            is larger than the disk has room for, or would replace something.
    """
    staging = folder / f".{archive.name}.unpacking"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            _refuse_bad(archive, members, folder)
            tops = sorted({PurePosixPath(m.filename).parts[0] for m in members})
            for top in tops:
                if (folder / top).exists():
                    raise DataError(f"{folder / top} exists; move it away and run again")
            for member in members:
                opened.extract(member, staging)
        for top in tops:
            os.replace(staging / top, folder / top)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(
            f"{archive} cannot be unpacked ({message_line(error)}); remove it and download again"
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return tops


def _refuse_bad(archive: Path, members: list[zipfile.ZipInfo], folder: Path) -> None:
    if not members or len(members) > _MOST_FILES:
        raise DataError(f"{archive} has {len(members)} files; expected 1 to {_MOST_FILES}")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]:
            raise DataError(f"{archive}: {member.filename!r} leads out of the folder; refused")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise DataError(f"{archive}: {member.filename!r} is a link; refused")
        if member.file_size > max(member.compress_size, 64) * _MOST_RATIO:
            raise DataError(f"{archive}: the size of {member.filename!r} cannot be true; refused")
    size, free = sum(member.file_size for member in members), free_bytes(folder)
    if size > free:
        raise DataError(
            f"{archive} unpacks to {size / 2**30:.1f} GiB; there are {free / 2**30:.1f} GiB free; "
            "make room and run again"
        )

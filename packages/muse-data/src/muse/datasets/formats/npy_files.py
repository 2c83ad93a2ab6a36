"""`.npy` files of a folder, mapped into memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, message_line


def map_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """Return key -> array of every `.npy` below `folder`, `a/b` for files in folders.

    The arrays are mapped, not read; object arrays are refused, and so are links out of the folder.

    Raises:
        DataError: a file is damaged or would need unpickling.
    """
    arrays = {}
    root = folder.resolve()
    for file in sorted(folder.rglob("*.npy")):
        key = file.relative_to(folder).with_suffix("").as_posix()
        if root not in file.resolve().parents:
            raise DataError(f"{file} is a link out of {folder}; copy the file itself into it")
        try:
            empty = file.stat().st_size and _is_empty(file)
            arrays[key] = np.load(file, None if empty else "r", allow_pickle=False)
        except Exception as error:  # a damaged header fails in many ways
            raise DataError(
                f"{file} cannot be read ({message_line(error)[:160]}); it is damaged or holds "
                "objects, which are never unpickled; save it again as numbers or text"
            ) from error
    return arrays


def _is_empty(file: Path) -> bool:
    """Whether the array has no entries: those cannot be mapped."""
    with file.open("rb") as stream:
        version = np.lib.format.read_magic(stream)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        return 0 in read(stream)[0]

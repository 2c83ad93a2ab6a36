"""Walks an HDF5 file in a process of its own, which some damaged files end.

    python -m muse.datasets.formats.hdf5_probe FILE

What it finds wrong it leaves for the reader to say; that it comes to its end is all that counts.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py

from muse.core.errors import DataError


def refuse_deadly(path: Path) -> None:
    """Raise a DataError for a file whose damage makes the HDF5 library crash.

    The library follows broken references within a file to wherever they lead; no check from
    outside can tell beforehand, so a process is risked first. It takes a quarter of a second, and
    a second for every twenty thousand arrays.
    """
    command = [sys.executable, "-m", __name__, str(path)]
    ended = subprocess.run(command, capture_output=True, check=False).returncode
    if ended < 0:
        raise DataError(
            f"{path} is damaged: the HDF5 library itself crashes on it "
            f"({signal.Signals(-ended).name}); copy or download it again"
        )


def main(path: str) -> int:
    """Visit every object, its attributes, and the first and last row of every array."""
    with suppress(Exception), h5py.File(path, "r") as file:
        _visit(file, 0)
    return 0


def _visit(node: Any, depth: int) -> None:
    for name in node.attrs:
        with suppress(Exception):
            node.attrs[name]
    if isinstance(node, h5py.Dataset):
        if node.shape and node.shape[0] and not node.external and not node.is_virtual:
            for row in (0, node.shape[0] - 1):
                with suppress(Exception):
                    _ = node[row] if node.nbytes // node.shape[0] < (1 << 24) else None
        return
    if depth < 16:
        for name in node:
            with suppress(Exception):
                if isinstance(node.get(name, getlink=True), h5py.HardLink):
                    _visit(node[name], depth + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Where pybullet is imported and a world of it begins: only when an environment is built."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from muse.core.errors import MissingExtraError

#: Descriptions and meshes that ship with the package.
ASSETS = Path(__file__).parent / "assets"


def connect(what: str) -> Any:
    """Return a new, empty world for `what`: the functions of pybullet, bound to its own client.

    Any number of worlds may live in one process; `disconnect()` frees this one.

    Raises:
        MissingExtraError: when pybullet is not installed.
    """
    try:
        with _muted():  # pybullet greets from C
            bullet_client = importlib.import_module("pybullet_utils.bullet_client")
            pybullet = importlib.import_module("pybullet")
            return bullet_client.BulletClient(connection_mode=pybullet.DIRECT)
    except ImportError as error:
        raise MissingExtraError(what, "muse-envs", "pybullet") from error


@contextmanager
def _muted() -> Iterator[None]:
    """Send what C code prints, on either stream, to nowhere."""
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    kept = [(stream, os.dup(stream)) for stream in (1, 2)]
    for stream, _ in kept:
        os.dup2(nowhere, stream)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)  # or it would be printed later, from C's own buffer
        for stream, copy in kept:
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nowhere)

"""Where pymunk and pygame are imported: only when an environment that needs them is built."""

from __future__ import annotations

import contextlib
import importlib
import io
from typing import Any

from muse.core.errors import MissingExtraError


def load_pymunk(what: str) -> Any:
    """Return the module `pymunk` for `what`, the class that needs it.

    Raises:
        MissingExtraError: when pymunk is not installed.
    """
    return _load("pymunk", what)


def load_pygame(what: str) -> Any:
    """Return the module `pygame` for `what`, without its greeting; no display is opened.

    Raises:
        MissingExtraError: when pygame is not installed.
    """
    return _load("pygame", what)


def _load(name: str, what: str) -> Any:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError(what, "muse-envs", "pymunk") from error

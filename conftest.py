"""Where `MUSE_TESTS_WHOLE` is set, no test may be skipped for a missing package.

The jobs of the noxfile set it: they install all that the tests of a package use.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest


def pytest_configure() -> None:
    """Let a missing package fail instead of skip."""
    if os.environ.get("MUSE_TESTS_WHOLE"):
        pytest.importorskip = _import_or_fail  # type: ignore[assignment]


def _import_or_fail(name: str, *_: Any, **__: Any) -> Any:
    return importlib.import_module(name)

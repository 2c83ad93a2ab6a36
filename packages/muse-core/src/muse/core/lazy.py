"""Packages that hand names on without importing what is behind them until it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, tuple[str, ...]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` (PEP 562) for a package's `__init__`.

    Args:
        package: its `__name__`.
        homes: module below the package → the public names it defines.
    """
    home_of = {name: home for home, names in homes.items() for name in names}
    all_names = sorted(home_of)

    def getattr_(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home_of[name]}"), name)

    def dir_() -> list[str]:
        return sorted({*vars(sys.modules[package]), *all_names})

    return getattr_, dir_, all_names

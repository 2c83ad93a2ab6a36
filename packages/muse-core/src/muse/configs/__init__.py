"""The config engine: declarative files, Fields, command-line overrides, experiment names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muse.configs.command_line import split_help
    from muse.configs.config import Config
    from muse.configs.field import Field, first
    from muse.configs.load import load_config, resolve_config
    from muse.configs.loader import find_config, installed_configs

_HOME_OF = {
    "Config": "config",
    "Field": "field",
    "find_config": "loader",
    "first": "field",
    "installed_configs": "loader",
    "load_config": "load",
    "resolve_config": "load",
    "split_help": "command_line",
}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 (a list of strings, made from the table above)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

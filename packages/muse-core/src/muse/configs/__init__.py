# ruff: noqa: F401 (the imports under TYPE_CHECKING are handed on by `__getattr__`)
"""The config engine: declarative files, Fields, command-line overrides, experiment names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muse.configs.config import Config
    from muse.configs.field import Field, first
    from muse.configs.help import config_help, format_help
    from muse.configs.load import load_config, resolve_config
    from muse.configs.loader import find_config, installed_configs
    from muse.configs.node import (
        ConfigNode,
        GroupStruct,
        get_script_parser,
        load_base_config,
        make_base_config,
    )

_HOME_OF = {
    "Config": "config",
    "ConfigNode": "node",
    "Field": "field",
    "GroupStruct": "node",
    "config_help": "help",
    "find_config": "loader",
    "first": "field",
    "format_help": "help",
    "get_script_parser": "node",
    "installed_configs": "loader",
    "load_base_config": "node",
    "load_config": "load",
    "make_base_config": "node",
    "resolve_config": "load",
}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 (a list of strings, made from the table above)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

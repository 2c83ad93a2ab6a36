"""The config engine: declarative files, Fields, command-line overrides, experiment names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.configs.config import Config as Config
    from muse.configs.field import Field as Field
    from muse.configs.field import first as first
    from muse.configs.help import config_help as config_help
    from muse.configs.help import format_help as format_help
    from muse.configs.load import load_config as load_config
    from muse.configs.load import resolve_config as resolve_config
    from muse.configs.loader import find_config as find_config
    from muse.configs.loader import installed_configs as installed_configs
    from muse.configs.node import ConfigNode as ConfigNode
    from muse.configs.node import GroupStruct as GroupStruct
    from muse.configs.node import get_script_parser as get_script_parser
    from muse.configs.node import load_base_config as load_base_config
    from muse.configs.node import make_base_config as make_base_config

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "config": ("Config",),
        "field": ("Field", "first"),
        "help": ("config_help", "format_help"),
        "load": ("load_config", "resolve_config"),
        "loader": ("find_config", "installed_configs"),
        "node": (
            "ConfigNode",
            "GroupStruct",
            "get_script_parser",
            "load_base_config",
            "make_base_config",
        ),
    },
)

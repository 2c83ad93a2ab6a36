"""A Panda at a table: one block or mug to handle, platforms round it, or a desk to play with."""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = {
    "BlockEnv3D": "block_env_3d",
    "DrawerButtonPlayroomEnv3D": "drawer_button_playroom_env_3d",
    "DrawerPlayroomEnv3D": "drawer_playroom_env_3d",
    "MugEnv3D": "mug_env_3d",
    "PlatformBlockEnv3D": "platform_block_env_3d",
    "PlatformMugEnv3D": "platform_mug_env_3d",
    "block3d_success_metrics": "success_metrics",
}

__all__ = list(_MODULES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)

"""Muse environments in TorchRL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.envs.torchrl.torchrl_env import TorchrlEnv as TorchrlEnv
    from muse.envs.torchrl.torchrl_env import to_torchrl as to_torchrl

__getattr__, __dir__, __all__ = lazy_names(__name__, {"torchrl_env": ("TorchrlEnv", "to_torchrl")})

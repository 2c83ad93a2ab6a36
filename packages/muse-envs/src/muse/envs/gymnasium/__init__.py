"""The way back: Muse environments for everything that speaks gymnasium."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.envs.gymnasium.gymnasium_env import GymnasiumEnv as GymnasiumEnv
    from muse.envs.gymnasium.gymnasium_vector_env import GymnasiumVectorEnv as GymnasiumVectorEnv
    from muse.envs.gymnasium.registration import register as register

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "gymnasium_env": ("GymnasiumEnv",),
        "gymnasium_vector_env": ("GymnasiumVectorEnv",),
        "registration": ("register",),
    },
)

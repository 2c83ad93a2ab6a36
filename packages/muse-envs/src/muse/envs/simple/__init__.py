"""Simple environments: a point mass, and every gymnasium environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.envs.simple.gym_env import GymEnv as GymEnv
    from muse.envs.simple.point_mass_env import PointMassEnv as PointMassEnv
    from muse.envs.simple.point_mass_vector_env import PointMassVectorEnv as PointMassVectorEnv

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "gym_env": ("GymEnv",),
        "point_mass_env": ("PointMassEnv",),
        "point_mass_vector_env": ("PointMassVectorEnv",),
    },
)

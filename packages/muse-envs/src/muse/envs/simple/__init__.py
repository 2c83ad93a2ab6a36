"""Simple environments: a point mass, and every gymnasium environment."""

from __future__ import annotations

from typing import Any

_HOMES = {
    "GymEnv": "muse.envs.simple.gym_env",
    "PointMassEnv": "muse.envs.simple.point_mass_env",
}
__all__ = ["GymEnv", "PointMassEnv"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)

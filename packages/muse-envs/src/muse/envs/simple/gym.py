"""The documented import path of `GymEnv`."""

from __future__ import annotations

from muse.envs.simple.gym_env import GymEnv

__all__ = ["GymEnv"]

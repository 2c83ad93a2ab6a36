"""Environments made of an environment, each an `Env` itself: make, join and wrap it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.envs.wrappers.action_noise import ActionNoise as ActionNoise
    from muse.envs.wrappers.frame_stack import FrameStack as FrameStack
    from muse.envs.wrappers.image_observation import ImageObservation as ImageObservation
    from muse.envs.wrappers.normalised_action import NormalisedAction as NormalisedAction
    from muse.envs.wrappers.time_limit import TimeLimit as TimeLimit
    from muse.envs.wrappers.waypoint_env import WaypointEnv as WaypointEnv
    from muse.envs.wrappers.wrapper import Wrapper as Wrapper

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "action_noise": ("ActionNoise",),
        "frame_stack": ("FrameStack",),
        "image_observation": ("ImageObservation",),
        "normalised_action": ("NormalisedAction",),
        "time_limit": ("TimeLimit",),
        "waypoint_env": ("WaypointEnv",),
        "wrapper": ("Wrapper",),
    },
)

"""Waypoints of the play primitives that need furniture, for `Block3DPlayPolicy`."""

from __future__ import annotations

import math

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.layout import cabinet_handle, drawer_handle
from muse.policies.block3d_plans import (
    FAST,
    OPEN,
    SHUT,
    carry,
    grasp,
    grip_goal,
    grip_point,
    object_yaw,
    release,
    waypoint,
)

#: The gripper where the fingers straddle a handle with little room to spare.
_STRADDLE = 150.0
_ARC_POINTS, _ARC_SPEED, _SLIDE_SPEED = 8, 0.15, 0.15
#: How far beyond its stop a joint is sent, m and rad, so that it gets there.
_BEYOND = np.array([0.01, 0.05])


def move(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Carry the object into or out of the drawer or the cabinet, above all their walls."""
    here, there, yaw = grip_point(obs), grip_goal(obs, goal), object_yaw(obs)
    return [*grasp(here, yaw, 0.16), *carry(here, there, yaw, 0.14), *release(there, yaw, 0.14)]


def slide_drawer(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Take the drawer by its handle, pull or push it, and let go."""
    now, wanted = obs["drawer/joint_position"][0], goal["goal/drawer/joint_position"][0]
    beyond = wanted + math.copysign(_BEYOND[0], wanted - now)
    here, there = drawer_handle(now), drawer_handle(beyond)
    yaw = math.pi / 2
    return [
        *_take(here, yaw),
        waypoint(there, yaw, SHUT, _SLIDE_SPEED, 2.0),
        *_leave(there, yaw),
    ]


def swing_door(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Take the door by its handle, lead it round the hinge, and let go."""
    now, wanted = obs["cabinet/joint_position"][0], goal["goal/cabinet/joint_position"][0]
    beyond = wanted + math.copysign(_BEYOND[1], wanted - now)
    angles = np.linspace(now, beyond, _ARC_POINTS)
    way = [
        waypoint(cabinet_handle(angle), math.pi / 2 - angle, SHUT, _ARC_SPEED)
        for angle in angles[1:]
    ]
    first, last = math.pi / 2 - now, math.pi / 2 - beyond
    return [
        *_take(cabinet_handle(now), first),
        *way,
        *_leave(cabinet_handle(beyond), last),
    ]


def press_button(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Press the button whose goal is down with shut fingers."""
    which = int(np.argmin(goal["goal/buttons/joint_position"]))
    top = obs["buttons/position"][which]
    above, below = top + [0.0, 0.0, 0.08], top - [0.0, 0.0, 0.025]
    return [
        waypoint(above, 0.0, SHUT),
        waypoint(below, 0.0, SHUT, 0.15, 3.0),
        waypoint(above, 0.0, SHUT),
    ]


def _take(handle: np.ndarray, yaw: float) -> list[np.ndarray]:
    above = handle + [0.0, 0.0, 0.1]
    return [
        waypoint(above, yaw, _STRADDLE),
        waypoint(handle, yaw, _STRADDLE, 0.2, 1.0),
        waypoint(handle, yaw, SHUT, FAST, 4.0),
    ]


def _leave(handle: np.ndarray, yaw: float) -> list[np.ndarray]:
    above = handle + [0.0, 0.0, 0.1]
    return [waypoint(handle, yaw, _STRADDLE, FAST, 2.0), waypoint(above, yaw, OPEN)]

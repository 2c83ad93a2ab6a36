"""Waypoints of the play primitives that handle an object, for `Block3DPlayPolicy`."""

from __future__ import annotations

import math

import numpy as np

from muse.core.attrdict import AttrDict

#: Columns of a waypoint: x, y, z (m), yaw (rad), gripper (0 to 255), speed (m/s), steps to stay
#: there, 1 where the tool follows the object to its goal instead of going to x, y, and 1 where the
#: plan is void if the tool cannot get there.
COLUMNS = 9
X, Y, Z, YAW, GRIPPER, SPEED, STAY, FOLLOW, VITAL = range(COLUMNS)
OPEN, AJAR, SHUT = 0.0, 210.0, 255.0
FAST, SLOW = 0.5, 0.12
#: How far the tool stays above what it passes over, and beside what it comes down next to, m.
CLEARANCE, GAP = 0.1, 0.02
#: How far an object is drawn out from where there is no room behind it, m.
_DRAWN = 0.035
#: How far an object is raised to be dragged, m.
_DRAGGED = 0.005
#: How far below the top of an object it is gripped at most: the palm stays above it, m.
_DEPTH = 0.032
_SHUTTING, _OPENING = 5.0, 3.0


def waypoint(
    place: np.ndarray,
    yaw: float,
    gripper: float,
    speed: float = FAST,
    stay: float = 0.0,
    follow: bool = False,
    vital: bool = False,
) -> np.ndarray:
    """Return one row of a plan, (9,), for the tool at `place` (3,)."""
    return np.array([*place, yaw, gripper, speed, stay, float(follow), float(vital)])


def grasp(place: np.ndarray, yaw: float, clearance: float = CLEARANCE) -> list[np.ndarray]:
    """Come from above and shut the hand round `place` (3,)."""
    above = place + [0.0, 0.0, clearance]
    return [
        waypoint(above, yaw, OPEN),
        waypoint(place, yaw, OPEN, 0.3, 1.0),
        waypoint(place, yaw, SHUT, FAST, _SHUTTING),
    ]


def release(place: np.ndarray, yaw: float, clearance: float = CLEARANCE) -> list[np.ndarray]:
    """Open the hand at `place` (3,) and rise."""
    above = place + [0.0, 0.0, clearance]
    return [waypoint(place, yaw, OPEN, FAST, _OPENING), waypoint(above, yaw, OPEN)]


def carry(start: np.ndarray, end: np.ndarray, yaw: float, clearance: float) -> list[np.ndarray]:
    """Bring what the hand holds from `start` (3,) over to `end` (3,)."""
    height = max(start[2], end[2]) + clearance
    return [
        waypoint(np.array([*start[:2], height]), yaw, SHUT, 0.3),
        waypoint(np.array([*end[:2], height]), yaw, SHUT, 0.3),
        waypoint(end + [0.0, 0.0, 0.004], yaw, SHUT, SLOW, 1.0),
    ]


def drag(start: np.ndarray, end: np.ndarray, yaw: float) -> list[np.ndarray]:
    """Draw what the hand holds from `start` (3,) to `end` (3,), so low that it seems to slide."""
    # With its weight on the table it would tip over in the hand.
    raised = np.array([0.0, 0.0, _DRAGGED])
    return [
        waypoint(start + raised, yaw, SHUT, SLOW, 1.0),
        waypoint(end + raised, yaw, SHUT, SLOW, 2.0),
    ]


def half_turn_less(yaw: float) -> float:
    """Return the same direction of a hand that half a turn leaves alike, in [-pi/2, pi/2]."""
    return (yaw + math.pi / 2) % math.pi - math.pi / 2


def push(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Go behind the object and push it, with both fingers abreast, until it is at the goal."""
    return _push(obs, goal, np.zeros(3))


def draw_and_push(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Grasp the object, draw it out of a place without room behind it, and push it from there."""
    here, yaw = grip_point(obs), object_yaw(obs)
    drawn = _DRAWN * _level_way(obs, goal)
    return [
        *grasp(here, yaw),
        *drag(here, here + drawn, yaw),
        *release(here + drawn, yaw),
        *_push(obs, goal, drawn),
    ]


def _level_way(obs: AttrDict, goal: AttrDict) -> np.ndarray:
    """Return the direction (3,), level, from the object to its goal."""
    way = goal["goal/objects/position"][0] - obs["objects/position"][0]
    way = way * [1.0, 1.0, 0.0]
    direction: np.ndarray = way / np.linalg.norm(way)
    return direction


def _push(obs: AttrDict, goal: AttrDict, moved: np.ndarray) -> list[np.ndarray]:
    """Push the object from where it will be once it has `moved` (3,) from where it is."""
    here, there = obs["objects/position"][0], goal["goal/objects/position"][0]
    way = _level_way(obs, goal)
    yaw = half_turn_less(math.atan2(way[1], way[0]))
    low, high = obs["objects/aabb"][0].reshape(2, 3)
    behind = float(np.where(way > 0, here - low, high - here) @ np.abs(way))
    start = here + moved - (behind + GAP) * way
    start[2] = min(here[2], 0.02 + low[2])
    end = np.array([*there[:2], start[2]])
    above = start + [0.0, 0.0, CLEARANCE]
    return [
        waypoint(above, yaw, AJAR),
        waypoint(start, yaw, AJAR, 0.3, 1.0, vital=True),
        waypoint(end, yaw, AJAR, SLOW, 0.0, follow=True),
        waypoint(start, yaw, AJAR, SLOW),
        waypoint(above, yaw, AJAR),
    ]


def pull(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Grasp the object and drag it to the goal."""
    here, there, yaw = grip_point(obs), grip_goal(obs, goal), object_yaw(obs)
    return [*grasp(here, yaw), *drag(here, there, yaw), *release(there, yaw)]


def lift(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Grasp the object, carry it to the goal, and leave it there if something is under it."""
    here, there, yaw = grip_point(obs), grip_goal(obs, goal), object_yaw(obs)
    if np.allclose(here[:2], there[:2]):
        return [*grasp(here, yaw), waypoint(there, yaw, SHUT, 0.2, 5.0)]
    return [
        *grasp(here, yaw),
        *carry(here, there, yaw, 0.07),
        *release(there, yaw),
    ]


def top_rotate(obs: AttrDict, goal: AttrDict) -> list[np.ndarray]:
    """Grasp the object from above and turn it where it stands."""
    here, yaw = grip_point(obs), object_yaw(obs)
    change = goal["goal/objects/orientation_eul"][0, 2] - obs["objects/orientation_eul"][0, 2]
    turned = yaw + (change + math.pi) % (2.0 * math.pi) - math.pi
    raised = here + [0.0, 0.0, 0.003]
    return [
        *grasp(here, yaw),
        waypoint(raised, turned, SHUT, SLOW, 3.0),
        *release(here, turned),
    ]


def grip_point(obs: AttrDict) -> np.ndarray:
    """Return where the hand takes the object, (3,): at its middle, or higher on a tall one."""
    place = obs["objects/position"][0].copy()
    place[2] = max(place[2], obs["objects/aabb"][0, 5] - _DEPTH)
    return place


def grip_goal(obs: AttrDict, goal: AttrDict) -> np.ndarray:
    """Return where the hand is, (3,), when it holds the object at its goal."""
    moved = goal["goal/objects/position"][0] - obs["objects/position"][0]
    place: np.ndarray = grip_point(obs) + moved
    return place


def object_yaw(obs: AttrDict) -> float:
    """Return how the hand turns to shut across the object's own y."""
    return half_turn_less(float(obs["objects/orientation_eul"][0, 2]))

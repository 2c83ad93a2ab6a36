"""The play primitives of `BlockPlayPolicy` as stages; a start without the room for one has none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.block_observers import MAX_GRAB
from muse.envs.pymunk.success_functions import POSITION_TOLERANCE
from muse.policies.block_scene import BLOCK_GAP, BlockScene

#: What ends a stage: the agent is there; the block has turned far enough; it is down again; it and
#: the agent have come to rest.
THERE, TURNED, DOWN, STILL = range(4)
#: The least way that is a push, pull or lift, px: more than the measure of play forgives.
LEAST_WAY = POSITION_TOLERANCE + 3.0
#: Where on its side a block is tipped, as a share of its height from the middle.
_TOP = 0.9
#: The pace of a push, and how far the block glides on after it, px.
_PUSHING, _GLIDE = 0.4, 10.0
#: How far a block is dragged out from below something before it is lifted, px.
_MOST_DRAGGED = 60.0
#: Where a block that turns may come down, px away from where it was: near, rather than far.
_NEARBY = sorted(np.arange(-48.0, 49.0, 4.0).tolist(), key=abs)
#: A block hangs turned by about 75 degrees and this share of the arm beside the agent: how far its
#: edges reach across and up then, by half of its height and half of its width.
_ASIDE = 0.3
_HANGING = np.array([[0.97, 0.26], [0.26, 0.97]])
#: How far within the edge of a surface the middle of a block must be that comes down there, px.
_LANDING = 12.0
#: The room left below a block that hangs, and above a block that the agent has let go, px.
_LIFT, _BACK = 4.0, 12.0
#: Steps between a grip taken or let go and the next move.
_HOLD = 3


class Stage(NamedTuple):
    """A piece of a plan: where the agent goes, px, and its grab action on the way.

    Args:
        until: what ends it: `THERE`, `TURNED`, `DOWN` or `STILL`.
        wait: steps that it lasts at least.
        pace: of the agent, as a share of its speed.
    """

    x: float
    y: float
    grab: float = 0.0
    until: int = THERE
    wait: int = 0
    pace: float = 1.0


Plan = list[Stage]
#: (scene, parameters of the policy) -> the stages, none where there is no room.
Planner = Callable[[BlockScene, AttrDict], Plan]


def push(side: int) -> Planner:
    """Push from a side, low, without grabbing."""

    def plan(scene: BlockScene, params: AttrDict) -> Plan:
        way = _farthest(scene, -side, params.way, lambda far: scene.rests_at(far, _GLIDE))
        if way < LEAST_WAY:
            return []
        touch = scene.beside(side, -1.0)
        end = touch - [side * (way + BLOCK_GAP), 0.0]
        return _from(scene, touch, side, [_at(end, pace=_PUSHING), _at(end, until=STILL)])

    return plan


def pull(side: int) -> Planner:
    """Grab a side and drag that way."""

    def plan(scene: BlockScene, params: AttrDict) -> Plan:
        touch = scene.beside(side, 0.0)
        beyond = touch - [scene.x, 0.0]
        way = _farthest(
            scene, side, params.way, lambda x: scene.agent_passes(touch, beyond + [x, 0.0])
        )
        if way < LEAST_WAY:
            return []
        return _from(scene, touch, side, _drag(touch, touch + [side * way, 0.0]))

    return plan


def lift(scene: BlockScene, params: AttrDict) -> Plan:
    """Grab the top and lift."""
    touch = np.array([scene.x, scene.top + scene.radius])
    for way in np.arange(params.way, LEAST_WAY, -2.0).tolist():
        swept = np.append(scene.box[:3], scene.top + way)
        end = touch + [0.0, way]
        if scene.is_empty(swept) and scene.agent_passes(touch, end):
            return _from(scene, touch, 0, _drag(touch, end))
    return []


def turn(side: int) -> Planner:
    """Lift by a side until the block hangs from it; set it down, turned, about where it was."""
    return lambda scene, params: _turn(scene, params, side, 0.0, _NEARBY)


def roll(side: int) -> Planner:
    """Lift by a side until the block hangs from it; set it down on the far side."""

    def plan(scene: BlockScene, params: AttrDict) -> Plan:
        # As far as a block moves that rolls over its edge, or as far as it finds a place.
        whole = (scene.width + scene.height) / 2
        return _turn(scene, params, side, 0.0, np.arange(whole, LEAST_WAY, -4.0).tolist())

    return plan


def tip(scene: BlockScene, params: AttrDict) -> Plan:
    """Lift by the top of a side and let it fall over, towards the farther border if it can."""
    near = scene.near_border()
    return _turn(scene, params, near, _TOP, _NEARBY) or _turn(scene, params, -near, _TOP, _NEARBY)


PLANNERS: Mapping[str, Planner] = {
    "pull_back_move_left": pull(-1),
    "pull_back_move_right": pull(1),
    "pull_back_move_up": lift,
    "push_left": push(1),
    "push_right": push(-1),
    "rotate_left": turn(1),
    "rotate_right": turn(-1),
    "left_side_rotate": roll(-1),
    "right_side_rotate": roll(1),
    "tip": tip,
}


def _turn(
    scene: BlockScene, params: AttrDict, side: int, share: float, ways: Sequence[float]
) -> Plan:
    """Lift by a side with a weak grip, in which the block turns, carry it on, let it down.

    Where something hangs over the block, it is dragged out from below that first.

    Args:
        share: where on the side, see `BlockScene.beside`.
        ways: how far it may be carried, away from the side where it is held; the first is taken
            that there is room for, px.
    """
    touch = scene.beside(side, share)
    for dragged in np.arange(0.0, _farthest(scene, -side, _MOST_DRAGGED) + 1.0, 4.0).tolist():
        there = scene.moved(-side * dragged)
        for way in ways:
            stages = _turn_here(there, params, side, share, way)
            if stages:
                drag = _drag(touch, there.beside(side, share)) if dragged else []
                return _from(scene, touch, side, [*drag, *stages])
    return []


def _turn_here(scene: BlockScene, params: AttrDict, side: int, share: float, way: float) -> Plan:
    """Return the stages of a turn that ends `way` px away from a side, once the agent is there."""
    touch, grab = scene.beside(side, share), params.weak_grab
    arm = math.dist(touch, (scene.x, (scene.bottom + scene.top) / 2))
    across, up = _HANGING @ (scene.height / 2, scene.width / 2)
    # So high that the hanging block clears the ground; it hangs a little beside the agent.
    lifted = np.array([touch[0], max(touch[1], scene.bottom + arm + up + _LIFT)])
    end, aside = scene.x - side * way, side * _ASIDE * arm
    carried = np.array([end + aside, lifted[1]])
    left = min(scene.box[0], min(lifted[0] - aside, end) - across)
    right = max(scene.box[2], max(lifted[0] - aside, end) + across)
    room = scene.is_empty(np.array([left, scene.bottom, right, lifted[1]]))
    if not (room and scene.rests_at(end, _LANDING) and scene.agent_passes(touch, lifted, carried)):
        return []
    down = np.array([carried[0], touch[1]])
    off = np.array([carried[0], max(touch[1], scene.bottom + scene.width + scene.radius) + _BACK])
    return [
        _at(touch, grab, wait=_HOLD),
        _at(lifted, grab, TURNED),
        _at(carried, grab),
        _at(down, grab, DOWN),
        _at(off, until=STILL, wait=_HOLD),
    ]


def _farthest(
    scene: BlockScene, side: int, most: float, fits: Callable[[float], bool] = lambda x: True
) -> float:
    """Return how far the block can be moved along the ground to a side, at most `most` px.

    Args:
        fits: what else has to hold there, of the x of the block's middle.
    """
    for way in np.arange(most, 0.0, -2.0).tolist():
        there = scene.moved(side * way)
        swept = scene.box.copy()
        swept[0], swept[2] = min(swept[0], there.box[0]), max(swept[2], there.box[2])
        if scene.rests_at(there.x) and scene.is_empty(swept) and fits(there.x):
            return float(way)
    return 0.0


def _drag(touch: np.ndarray, end: np.ndarray) -> Plan:
    """Hold on firmly and move; what is held stops with the agent."""
    return [_at(touch, MAX_GRAB, wait=_HOLD), _at(end, MAX_GRAB, STILL)]


def _from(scene: BlockScene, touch: np.ndarray, side: int, stages: Plan) -> Plan:
    """Put the way to a touching place in front: beside the block, or with side 0 on top of it."""
    off = (BLOCK_GAP + 0.5) * np.array([side, side == 0], np.float64)
    way = scene.way_to(touch + off)
    return [*map(_at, way), *stages] if way else []


def _at(
    point: np.ndarray, grab: float = 0.0, until: int = THERE, wait: int = 0, pace: float = 1.0
) -> Stage:
    return Stage(float(point[0]), float(point[1]), grab, until, wait, pace)

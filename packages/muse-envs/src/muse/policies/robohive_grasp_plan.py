"""Which way to take a handle of RoboHive's kitchen: the one that gets the thing moved soonest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from muse.envs.robohive.handles import HANDLES
from muse.policies.robohive_kitchen_scene import KitchenScene

#: From here the hand goes straight in, m before the handle.
BEFORE = 0.08
_POINTS = 5  # along the way of the handle
_UNREACHED = 50.0  # steps for each metre or radian that is left
_GOOD = 0.05  # m plus rad
# The elbow is on one side or the other; from these the second side is found, rad.
_OTHER_ELBOWS = np.array(
    [[-0.5, 0.3, 0.0, -2.0, 0.0, 0.6, 1.57], [-1.0, 0.3, 0.5, -2.0, 0.0, 0.6, 1.57]]
)


@dataclass(frozen=True)
class GraspPlan:
    """How to take a handle and lead it.

    Args:
        steps: how long it takes at the joints' speed.
        yaws: of the hand about the handle, where it takes it and at the goal, rad.
        pitch: of the hand, rad.
        ready: joints before the handle, (7,) rad.
    """

    steps: float
    yaws: tuple[float, float]
    pitch: float
    ready: np.ndarray


def plan_grasp(scene: KitchenScene, thing: int) -> GraspPlan | None:
    """Return the quickest plan to bring a thing of the scene to its goal; None: out of reach."""
    handle, now, goal = HANDLES[scene.names[thing]], scene.now[thing], scene.goals[thing]
    opens = abs(goal) > abs(now)
    first, last = (handle.shut, handle.open) if opens else (handle.open, handle.shut)
    best: GraspPlan | None = None
    for yaw in first:
        for pitch in handle.pitches:
            taken = _take(scene, thing, yaw, pitch)
            if taken is None:
                continue
            steps, ready, joints = taken
            for end in last:
                most = best.steps if best else np.inf
                total = steps + _lead(scene, thing, (yaw, end), pitch, joints, most - steps)
                if total < most:
                    best = GraspPlan(total, (yaw, end), pitch, ready)
    return best


def _take(
    scene: KitchenScene, thing: int, yaw: float, pitch: float
) -> tuple[float, np.ndarray, np.ndarray] | None:
    """Return the steps to the handle, the joints before it and at it; None: out of reach."""
    arm, best = scene.arm, None
    position, pose = scene.handle(thing, scene.now[thing], yaw, pitch)
    for start in (arm.joints, *_OTHER_ELBOWS):
        ready, left = arm.solve(position - BEFORE * pose[:, 2], pose, start)
        joints, more = arm.solve(position, pose, ready)
        steps = _steps(scene, arm.joints, ready) + _steps(scene, ready, joints)
        if max(left, more) < _GOOD and (best is None or steps < best[0]):
            best = steps, ready, joints
    return best


def _lead(
    scene: KitchenScene,
    thing: int,
    yaws: tuple[float, float],
    pitch: float,
    joints: np.ndarray,
    most: float,
) -> float:
    """Return the steps from the handle to the goal, infinite if they are more than `most`."""
    steps = 0.0
    for value, yaw in _way(scene.now[thing], scene.goals[thing], yaws):
        position, pose = scene.handle(thing, value, yaw, pitch)
        found, left = scene.arm.solve(position, pose, joints, 20)
        steps += _steps(scene, joints, found) + _UNREACHED * left
        joints = found
        if steps > most:
            return np.inf
    return steps


def _way(now: float, goal: float, yaws: tuple[float, float]) -> Iterator[tuple[float, float]]:
    for part in np.linspace(0.0, 1.0, _POINTS + 1)[1:]:
        yield now + part * (goal - now), yaws[0] + part * (yaws[1] - yaws[0])


def _steps(scene: KitchenScene, start: np.ndarray, end: np.ndarray) -> float:
    return float(np.max(np.abs(end - start) / scene.arm.speed))

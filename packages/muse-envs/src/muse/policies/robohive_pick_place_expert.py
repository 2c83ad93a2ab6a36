"""The scripted expert of RoboHive's Franka pick-place tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import product
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import UsageError
from muse.core.params import Param
from muse.core.policy import Policy, act_by_row
from muse.envs.mujoco.hand_pose import limited
from muse.envs.robohive.simhive import SIMHIVE
from muse.policies.robohive_pick_place_scene import PickPlaceScene

_SHAPES = "object_shapes"
#: Pose of the hand that reaches down, its fingers closing along x; axes in columns.
_DOWN = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
_LENGTH = 50  # steps of an episode
_STEP, _TURN = 0.12, 0.4  # m and rad to ask for in a step
_FLOOR = 0.9  # m, of the hand at a bin's floor
_HOVER = 0.12  # m above where it grasps
_BESIDE, _NEAR = 0.015, 0.015  # m, where it may go down, and close
_CARRY, _WALL = 1.1, 1.06  # m: the object's height to carry it at, and above the bins' walls
_WALLS, _LOW = 0.06, 1.0  # m: how far the walls reach from x = 0; height to drop it from
_OVER = 0.03  # m from above the target
_CLOSING, _DESCENDING = 4, 8  # steps at least, and at most
_AHEAD = 0.05  # m that a rolling object is aimed ahead of
_HELD = 0.1  # m from the hand
# The grasps that are tried: yaw of the hand, rad, and offsets from the object's middle, m.
_YAWS = (0.0, 0.5, -0.5, 1.0, -1.0)
_OFFSETS = np.array(
    [[0, 0, 0], [0.015, 0, 0], [-0.015, 0, 0], [0, 0, 0.015], [0, 0.015, 0], [0, -0.015, 0]]
)


class _Stage(IntEnum):
    ABOVE = 0  # to above the object
    DOWN = 1
    CLOSE = 2
    CARRY = 3  # to above the target
    DROP = 4


def _grasps() -> Iterator[np.ndarray]:
    for offset, yaw in product(_OFFSETS, _YAWS):
        yield np.array([yaw, *offset])


class RoboHivePickPlaceExpert(Policy):
    """Tries grasps in a simulation of its own until one brings the object home, and does that.

    For `RoboHiveEnv` on the FrankaPickPlace tasks with the part `object_shapes`. It reads
    `observation` and `object_shapes` alone. It plans at the start and again above the object.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (SIMHIVE,)

    def _set_up(self) -> None:
        if _SHAPES not in self.env_spec.observation_names:
            raise UsageError(
                f"RoboHivePickPlaceExpert: {_SHAPES!r} is not observed; give the environment "
                f"parts=[{_SHAPES!r}]"
            )
        self._scene = PickPlaceScene(self.params.simhive)

    def initial_memory(
        self, model: Any, batch_size: int, seeds: Sequence[int] | np.ndarray | None = None
    ) -> AttrDict:
        """Add to the memory of `Policy` the stage of each row, and its grasp."""
        memory = super().initial_memory(model, batch_size, seeds)
        memory["stage"] = np.full(batch_size, _Stage.ABOVE, np.int64)
        memory["waited"] = np.zeros(batch_size, np.int64)
        memory["has_plan"] = np.zeros(batch_size, bool)
        memory["grasp"] = np.zeros((batch_size, 4))
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 9), targets of the joints and fingers."""
        rows, shapes = (np.asarray(obs[name], np.float64) for name in ("observation", _SHAPES))

        def act(b: int, mine: AttrDict) -> np.ndarray:
            self._scene.place(rows[b], shapes[b])
            if not mine["has_plan"]:
                self._plan(mine)
                self._scene.place(rows[b], shapes[b])
            return self._act(mine)

        return act_by_row(memory, act)

    def _plan(self, memory: AttrDict) -> None:
        """Choose the first grasp with which the rest of the episode succeeds, else the nearest."""
        memory["has_plan"] = True
        start, best = self._scene.simulation.save(), np.inf
        for grasp in (memory["grasp"].copy(), *_grasps()):
            self._scene.simulation.restore(start)
            trial = memory.leaf_apply(np.copy)
            trial["grasp"] = grasp
            left = self._try(trial)
            if left < best:
                best, memory["grasp"] = left, grasp
            if left <= 0.0:
                break

    def _try(self, memory: AttrDict) -> float:
        """Return how far the object stays from its target, m; 0 where it gets there."""
        left = np.inf
        for _ in range(_LENGTH - int(memory["count"]) + 1):
            look = self._scene.simulation.step(self._act(memory))
            left = min(left, -look.info["rwd_sparse"])
            if look.info["solved"]:
                return 0.0
        return left

    def _act(self, memory: AttrDict) -> np.ndarray:
        """Return the action (9,) in the scene's state and move the memory on."""
        memory["waited"] += 1
        acts = {
            _Stage.ABOVE: self._above,
            _Stage.DOWN: self._down,
            _Stage.CLOSE: self._close,
            _Stage.CARRY: self._carry,
            _Stage.DROP: self._drop,
        }
        return acts[_Stage(int(memory["stage"]))](memory)

    def _aim(self, memory: AttrDict) -> np.ndarray:
        """Return where the hand grasps the object."""
        yaw, along, across, up = memory["grasp"]
        cos, sin = np.cos(yaw), np.sin(yaw)
        scene = self._scene
        aim = scene.object + limited(scene.simulation.step_time * scene.object_speed, _AHEAD)
        aim += [cos * along - sin * across, sin * along + cos * across, 0.0]
        aim[2] = max(scene.object[2] + 0.01, _FLOOR) + up
        return aim

    def _above(self, memory: AttrDict) -> np.ndarray:
        """Follow the object from above, as fast as the joints turn."""
        goal = self._aim(memory) + [0.0, 0.0, _HOVER]
        left = goal - self._scene.arm.hand
        if np.linalg.norm(left[:2]) < 2 * _BESIDE and left[2] > -2 * _BESIDE:
            self._enter(_Stage.DOWN, memory)
        return self._go(goal, memory, closed=False, quickly=True)

    def _down(self, memory: AttrDict) -> np.ndarray:
        """Go straight down beside the object, or until it is in the way."""
        goal = self._aim(memory)
        if self._scene.arm.hand[2] - goal[2] < _NEAR or memory["waited"] > _DESCENDING:
            self._enter(_Stage.CLOSE, memory)
        return self._go(goal, memory, closed=False)

    def _close(self, memory: AttrDict) -> np.ndarray:
        """Close the fingers in place."""
        scene = self._scene
        if memory["waited"] >= _CLOSING:
            self._enter(_Stage.CARRY, memory)
        return self._go(np.append(scene.arm.hand[:2], self._aim(memory)[2]), memory, closed=True)

    def _carry(self, memory: AttrDict) -> np.ndarray:
        """Lift it over the walls between the bins."""
        scene = self._scene
        thing, hand = scene.object, scene.arm.hand
        left = scene.target - thing
        goal = hand + [*left[:2], _CARRY - thing[2]]
        if thing[0] > 0.0 and thing[2] < _WALL:  # as near to the walls as its height allows
            goal[0] = max(goal[0], hand[0] - thing[0] + _WALLS + _WALL - thing[2])
        elif thing[0] < -_WALLS:
            goal[2] = max(_LOW, hand[2] - _STEP)
        if np.linalg.norm(thing - hand) > _HELD:
            self._enter(_Stage.ABOVE, memory)
        elif np.linalg.norm(left[:2]) < _OVER:
            self._enter(_Stage.DROP, memory)
        return self._go(goal, memory, closed=True, quickly=True)

    def _drop(self, memory: AttrDict) -> np.ndarray:
        """Let go; solved is when it lands."""
        scene = self._scene
        left = (scene.target - scene.object)[:2]
        return self._go(scene.arm.hand + [*left, -_STEP], memory, closed=False)

    def _enter(self, stage: _Stage, memory: AttrDict) -> None:
        memory["stage"], memory["waited"] = int(stage), 0
        memory["has_plan"] = stage not in (_Stage.ABOVE, _Stage.DOWN)  # the object rolls

    def _go(
        self, goal: np.ndarray, memory: AttrDict, closed: bool, quickly: bool = False
    ) -> np.ndarray:
        """Return the action that moves the hand to a place: straight, or with all joints' speed."""
        arm = self._scene.arm
        cos, sin = np.cos(memory["grasp"][0]), np.sin(memory["grasp"][0])
        pose = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]]) @ _DOWN
        if quickly:
            joints, _ = arm.solve(goal, pose, arm.joints, 30)
            action = arm.action(joints - arm.joints, together=False)
        else:
            way = limited(goal - arm.hand, _STEP)
            action = arm.action(arm.turns(way, limited(arm.rotation_to(pose), _TURN)))
        return np.concatenate([action, arm.fingers(closed)])

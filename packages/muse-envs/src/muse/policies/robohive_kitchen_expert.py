"""The scripted expert of RoboHive's kitchen and its appliances."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.core.policy import Policy, act_by_row
from muse.envs.mujoco.hand_pose import limited
from muse.envs.robohive.arm import JOINTS
from muse.envs.robohive.handles import HANDLES
from muse.envs.robohive.simhive import SIMHIVE
from muse.envs.robohive.suites import APPLIANCE, KITCHEN
from muse.envs.robohive.tasks import TASKS
from muse.policies.robohive_grasp_plan import BEFORE, plan_grasp
from muse.policies.robohive_kitchen_scene import KitchenScene

_STEP, _TURN = 0.1, 0.35  # m and rad to ask for in a step
_LEAD, _PUSH = 0.08, 0.05  # m ahead of the handle, and beyond it
_BESIDE, _SHORT = 0.015, 0.04  # m: where the fingers close
_LOST = 0.08  # m from the handle
_READY = 0.25  # rad from the joints before it
_LEAVING, _READYING = 5, 35  # steps
_HARDER = 6  # steps after which it pushes twice as hard
_AGAIN = 10  # steps between two searches for a plan


#: These stand the appliance anywhere, and two places look alike in what is observed.
_UNSEEN = ("franka_micro_random-v3", "franka_slide_random-v3")


class _Stage(IntEnum):
    PLAN = 0
    READY = 1  # to the joints before the handle
    REACH = 2  # straight in
    LEAD = 3
    LEAVE = 4  # straight out


def _has_handles(name: str) -> str | None:
    good = name in TASKS and not TASKS[name].cameras and name not in _UNSEEN
    good = good and TASKS[name].suite in (KITCHEN, *APPLIANCE.values())
    return None if good else "a task of the kitchen, or of an appliance in its place, with state"


class RoboHiveKitchenExpert(Policy):
    """Takes the handle of the thing farthest from its goal and leads it there, then the next.

    For `RoboHiveEnv` on the FK1 tasks and franka_{micro,slide}_{open,close}-v3. It reads
    `observation` alone; its model of the room is its own. How the hand takes a handle is searched
    for (`plan_grasp`). The knobs and the kettle have no handle here.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("env_name", str, "FK1_LightOnRandom-v4", check=_has_handles,
              help="RoboHive's name of the task, for the room"),
        SIMHIVE,
    )  # fmt: skip

    def _set_up(self) -> None:
        self._scene = KitchenScene(self.params.env_name, self.params.simhive)

    def initial_memory(
        self, model: Any, batch_size: int, seeds: Sequence[int] | np.ndarray | None = None
    ) -> AttrDict:
        """Add to the memory of `Policy` where each row is in its plan, and the plan."""
        memory = super().initial_memory(model, batch_size, seeds)
        for name in ("stage", "thing", "waited"):
            memory[name] = np.zeros(batch_size, np.int64)
        memory["from"], memory["pitch"] = np.zeros(batch_size), np.zeros(batch_size)
        memory["yaws"] = np.zeros((batch_size, 2))
        memory["ready"] = np.zeros((batch_size, JOINTS))
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 9), velocities of the joints and fingers."""
        rows = np.asarray(obs["observation"], np.float64)

        def act(b: int, mine: AttrDict) -> np.ndarray:
            self._scene.place(rows[b])
            return self._act(mine)

        return act_by_row(memory, act)

    def _act(self, memory: AttrDict) -> np.ndarray:
        """Return the action (9,) of one row and move its memory on."""
        if memory["stage"] == _Stage.PLAN and memory["waited"] % _AGAIN == 0:
            self._plan(memory)
        acts = {
            _Stage.PLAN: self._wait,
            _Stage.READY: self._get_ready,
            _Stage.REACH: self._reach,
            _Stage.LEAD: self._lead,
            _Stage.LEAVE: self._leave,
        }
        memory["waited"] += 1
        return acts[_Stage(int(memory["stage"]))](memory)

    def _plan(self, memory: AttrDict) -> None:
        """Choose a thing and how to take it; stay in the stage where nothing is to be done."""
        scene = self._scene
        away = np.abs(scene.goals - scene.now) / scene.near
        for thing in np.argsort(-away):
            if away[thing] > 1.0 and scene.names[thing] in HANDLES:
                plan = plan_grasp(scene, int(thing))
                if plan is not None:
                    memory["thing"], memory["from"] = thing, scene.now[thing]
                    memory["yaws"], memory["pitch"] = np.array(plan.yaws), plan.pitch
                    memory["ready"] = plan.ready
                    self._enter(_Stage.READY, memory)
                    return

    def _wait(self, memory: AttrDict) -> np.ndarray:
        return self._joined(np.zeros(JOINTS), closed=False)

    def _get_ready(self, memory: AttrDict) -> np.ndarray:
        """Turn each joint as fast as it can to where the hand is before the handle."""
        turns = memory["ready"] - self._scene.arm.joints
        if np.max(np.abs(turns)) < _READY or memory["waited"] > _READYING:
            self._enter(_Stage.REACH, memory)
        return self._joined(turns, closed=False, together=False)

    def _reach(self, memory: AttrDict) -> np.ndarray:
        """Go straight in, the farther back the farther aside the hand still is."""
        position, pose = self._held(memory)
        gap, inwards = position - self._scene.arm.hand, pose[:, 2]
        short = gap @ inwards
        aside = float(np.linalg.norm(gap - short * inwards))
        if aside < _BESIDE and short < _SHORT:
            self._enter(_Stage.LEAD, memory)
        elif memory["waited"] > _READYING:
            self._enter(_Stage.LEAVE, memory)
        back = np.clip(2.0 * aside - _BESIDE, 0.0, BEFORE)
        return self._towards(position - back * inwards, pose, closed=False)

    def _lead(self, memory: AttrDict) -> np.ndarray:
        """Go ahead of the handle on its way, closing the fingers."""
        scene, thing = self._scene, int(memory["thing"])
        now, goal = scene.now[thing], scene.goals[thing]
        position, _ = self._held(memory)
        if abs(goal - now) < scene.near[thing] / 2 or self._is_lost(position):
            self._enter(_Stage.LEAVE, memory)
            return self._leave(memory)
        sign = np.sign(goal - memory["from"])
        beside, _ = scene.handle(thing, now + 0.01 * sign, *self._grip(memory, now))
        along = (beside - position) / 0.01
        rate = float(np.linalg.norm(along))
        ahead = now + np.clip(goal - now, -_LEAD / rate, _LEAD / rate)
        harder = 1.0 + memory["waited"] / _HARDER
        target, pose = scene.handle(thing, ahead, *self._grip(memory, ahead))
        return self._towards(target + harder * _PUSH * along / rate, pose, closed=True)

    def _leave(self, memory: AttrDict) -> np.ndarray:
        """Open the fingers and go straight out."""
        _, pose = self._held(memory)
        if memory["waited"] > _LEAVING:
            self._enter(_Stage.PLAN, memory)
        return self._towards(self._scene.arm.hand - _STEP * pose[:, 2], pose, closed=False)

    def _is_lost(self, position: np.ndarray) -> bool:
        return float(np.linalg.norm(self._scene.arm.hand - position)) > _LOST

    def _enter(self, stage: _Stage, memory: AttrDict) -> None:
        memory["stage"], memory["waited"] = int(stage), 0

    def _grip(self, memory: AttrDict, value: float) -> tuple[float, float]:
        """Return yaw and pitch of the hand about the handle where its joint is at `value`."""
        way = self._scene.goals[int(memory["thing"])] - memory["from"]
        part = float(np.clip((value - memory["from"]) / way, 0.0, 1.0)) if way else 0.0
        first, last = memory["yaws"]
        return float(first + part * (last - first)), float(memory["pitch"])

    def _held(self, memory: AttrDict) -> tuple[np.ndarray, np.ndarray]:
        """Return where and how the hand holds the handle now."""
        thing = int(memory["thing"])
        now = self._scene.now[thing]
        return self._scene.handle(thing, now, *self._grip(memory, now))

    def _towards(self, position: np.ndarray, pose: np.ndarray, closed: bool) -> np.ndarray:
        arm = self._scene.arm
        way = limited(position - arm.hand, _STEP)
        return self._joined(arm.turns(way, limited(arm.rotation_to(pose), _TURN)), closed)

    def _joined(self, turns: np.ndarray, closed: bool, together: bool = True) -> np.ndarray:
        arm = self._scene.arm
        return np.concatenate([arm.action(turns, together), arm.fingers(closed)])

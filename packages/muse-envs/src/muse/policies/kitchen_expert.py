"""A scripted policy for the subtasks of `FrankaKitchenEnv`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, non_negative
from muse.core.policy import Policy, next_count, row_generators
from muse.envs.gym_robotics.franka_kitchen_env import KITCHEN_TASKS, kitchen_goal
from muse.envs.gym_robotics.kitchen_arm import ARM, KitchenArm
from muse.envs.gym_robotics.kitchen_motions import MOTIONS, Waypoint

_ORDER = tuple(KITCHEN_TASKS)
#: Which numbers of the goal are not 0 where it asks for a subtask, (7, 30).
_ASKING = np.stack([kitchen_goal([task]) != 0 for task in KITCHEN_TASKS])
#: An action of 1 commands this velocity, rad/s.
_ACTION_SCALE = 2.0


def _doable(tasks: Sequence[str]) -> str | None:
    good = bool(tasks) and all(task in MOTIONS for task in tasks)
    return None if good else f"names of {', '.join(MOTIONS)}"


class KitchenExpert(Policy):
    """Does one subtask after the other, along waypoints of the hand around each handle.

    It does what the goal in `state` asks for. A subtask that is not finished at the end of its
    waypoints is begun again. It reads the observations `state` and `completed` alone; the rest is
    a model of the arm of its own.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "tasks",
            list[str],
            list(MOTIONS),
            help="subtasks in the order to do them, as far as the goal asks for them",
            check=_doable,
        ),
        Param("noise_std", float, 0.0, "Gaussian noise of the action", check=non_negative),
    )

    def _set_up(self) -> None:
        self._arm = KitchenArm("KitchenExpert")
        self._motions = [MOTIONS[task]() for task in self.params.tasks]
        self._columns = [_ORDER.index(task) for task in self.params.tasks]

    def initial_memory(
        self, model: Any, batch_size: int, seeds: Sequence[int] | np.ndarray | None = None
    ) -> AttrDict:
        """Add to the memory of `Policy` where each row is: subtask, waypoint, steps, site."""
        memory = super().initial_memory(model, batch_size, seeds)
        memory["subtask"] = np.full(batch_size, -1, np.int64)
        memory["waypoint"] = np.zeros(batch_size, np.int64)
        memory["waited"] = np.zeros(batch_size, np.int64)
        memory["site"] = np.zeros((batch_size, 3))
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        memory = next_count(memory.leaf_apply(np.copy))
        joints, goals = np.split(np.asarray(obs["state"], np.float64), 2, axis=1)
        asked = ((goals != 0)[:, None] & _ASKING).any(axis=-1)
        settled = np.asarray(obs["completed"], bool) | ~asked
        action = np.stack([self._act(joints[b], settled[b], memory, b) for b in range(len(joints))])
        if self.params.noise_std:
            noise = np.stack([rng.normal(size=ARM + 2) for rng in row_generators(memory)])
            action = action + self.params.noise_std * noise
        return AttrDict(action=np.clip(action, -1, 1).astype(np.float32)), memory

    def _act(self, joints: np.ndarray, settled: np.ndarray, memory: AttrDict, b: int) -> np.ndarray:
        """Return the action (9,) of row `b` and move its memory on.

        Args:
            joints: positions of the arm and of the things, (30,).
            settled: subtasks that are finished or not asked for, (7,) bool.
        """
        self._arm.place(joints)
        if memory["subtask"][b] < 0:
            self._begin(0, settled, memory, b)
        motion = self._motions[memory["subtask"][b]]
        last = len(motion.waypoints) - motion.leaving
        if settled[self._columns[memory["subtask"][b]]] and memory["waypoint"][b] < last:
            memory["waypoint"][b], memory["waited"][b] = last, 0
        point = motion.waypoints[memory["waypoint"][b]]
        near = self._distance(point, memory["site"][b]) < point.tolerance
        if near or memory["waited"][b] >= point.steps:
            self._go_on(settled, memory, b)
            motion = self._motions[memory["subtask"][b]]
            point = motion.waypoints[memory["waypoint"][b]]
        memory["waited"][b] += 1
        if point.joints is None:
            target = memory["site"][b] + point.offset
            velocities = self._arm.velocities(target, point.pose, motion.posture)
        else:
            velocities = self._arm.joint_velocities(point.joints)
        return np.concatenate([velocities / _ACTION_SCALE, [point.grip, point.grip]])

    def _distance(self, point: Waypoint, site: np.ndarray) -> float:
        """Return how far the arm is from a waypoint, m, or rad where it is one of joints."""
        if point.joints is not None:
            return self._arm.joint_distance(point.joints)
        return self._arm.distance(site + point.offset)

    def _go_on(self, settled: np.ndarray, memory: AttrDict, b: int) -> None:
        subtask, waypoint = int(memory["subtask"][b]), int(memory["waypoint"][b]) + 1
        if waypoint < len(self._motions[subtask].waypoints):
            memory["waypoint"][b], memory["waited"][b] = waypoint, 0
        else:
            self._begin(subtask + 1, settled, memory, b)

    def _begin(self, first: int, settled: np.ndarray, memory: AttrDict, b: int) -> None:
        """Begin the next unfinished subtask from `first` on, and round again."""
        count = len(self._motions)
        order = [(first + i) % count for i in range(count)]
        subtask = next((i for i in order if not settled[self._columns[i]]), order[0])
        memory["subtask"][b], memory["waypoint"][b], memory["waited"][b] = subtask, 0, 0
        memory["site"][b] = self._arm.site(self._motions[subtask].site)

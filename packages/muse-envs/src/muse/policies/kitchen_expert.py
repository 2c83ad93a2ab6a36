"""A scripted policy for the subtasks of `FrankaKitchenEnv`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, non_negative
from muse.core.policy import Policy, next_count, row_generators
from muse.core.spec import EnvSpec
from muse.envs.gym_robotics.franka_kitchen_env import KITCHEN_TASKS
from muse.envs.gym_robotics.kitchen_arm import ARM, KitchenArm
from muse.envs.gym_robotics.kitchen_motions import MOTIONS

_ORDER = tuple(KITCHEN_TASKS)
#: An action of 1 commands this velocity, rad/s.
_ACTION_SCALE = 2.0


def _doable(tasks: Sequence[str]) -> str | None:
    good = bool(tasks) and all(task in MOTIONS for task in tasks)
    return None if good else f"names of {', '.join(MOTIONS)}"


class KitchenExpert(Policy):
    """Does one subtask after the other, along waypoints of the hand around each handle.

    A subtask that is not finished at the end of its waypoints is begun again. It reads the
    observations `state` and `completed` alone; the rest is a model of the arm of its own.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "tasks",
            list[str],
            ["microwave", "kettle", "bottom burner", "light switch"],
            help="subtasks in the order to do them",
            check=_doable,
        ),
        Param("noise_std", float, 0.0, "Gaussian noise of the action", check=non_negative),
    )

    def __init__(
        self,
        params: Mapping[str, Any] | None,
        env_spec: EnvSpec,
        file_manager: Any = None,
        env: Any = None,
    ) -> None:
        super().__init__(params, env_spec, file_manager, env)
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
        joints = np.asarray(obs["state"], np.float64)[:, :30]
        completed = np.asarray(obs["completed"], bool)
        action = np.stack(
            [self._act(joints[b], completed[b], memory, b) for b in range(len(joints))]
        )
        if self.params.noise_std:
            noise = np.stack([rng.normal(size=ARM + 2) for rng in row_generators(memory)])
            action = action + self.params.noise_std * noise
        return AttrDict(action=np.clip(action, -1, 1).astype(np.float32)), memory

    def _act(
        self, joints: np.ndarray, completed: np.ndarray, memory: AttrDict, b: int
    ) -> np.ndarray:
        """Return the action (9,) of row `b` and move its memory on."""
        self._arm.place(joints)
        if memory["subtask"][b] < 0:
            self._begin(0, completed, memory, b)
        motion = self._motions[memory["subtask"][b]]
        last = len(motion.waypoints) - motion.leaving
        if completed[self._columns[memory["subtask"][b]]] and memory["waypoint"][b] < last:
            memory["waypoint"][b], memory["waited"][b] = last, 0
        point = motion.waypoints[memory["waypoint"][b]]
        near = self._arm.distance(memory["site"][b] + point.offset) < point.tolerance
        if near or memory["waited"][b] >= point.steps:
            self._go_on(completed, memory, b)
            motion = self._motions[memory["subtask"][b]]
            point = motion.waypoints[memory["waypoint"][b]]
        memory["waited"][b] += 1
        target = memory["site"][b] + point.offset
        velocities = self._arm.velocities(target, point.pose, motion.posture)
        return np.concatenate([velocities / _ACTION_SCALE, [point.grip, point.grip]])

    def _go_on(self, completed: np.ndarray, memory: AttrDict, b: int) -> None:
        subtask, waypoint = int(memory["subtask"][b]), int(memory["waypoint"][b]) + 1
        if waypoint < len(self._motions[subtask].waypoints):
            memory["waypoint"][b], memory["waited"][b] = waypoint, 0
        else:
            self._begin(subtask + 1, completed, memory, b)

    def _begin(self, first: int, completed: np.ndarray, memory: AttrDict, b: int) -> None:
        """Begin the next unfinished subtask from `first` on, and round again."""
        count = len(self._motions)
        order = [(first + i) % count for i in range(count)]
        subtask = next((i for i in order if not completed[self._columns[i]]), order[0])
        memory["subtask"][b], memory["waypoint"][b], memory["waited"][b] = subtask, 0, 0
        memory["site"][b] = self._arm.site(self._motions[subtask].site)

"""Scripted experts for the robosuite tasks: a few waypoints, each placed when it is begun."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.policy import Policy, next_count
from muse.envs.robosuite import rotations
from muse.envs.robosuite.tasks import find_task
from muse.policies.robosuite_plans.scene import Scene, Step
from muse.policies.robosuite_plans.waypoint import Waypoint

__all__ = ["Waypoint", "WaypointPolicy"]

#: Where each task's plan is.
PLANS = {
    "Lift": "pick:lift",
    "Stack": "pick:stack",
    "PickPlaceCan": "pick:can",
    "NutAssemblySquare": "pick:square",
    "Door": "door:door",
    "Wipe": "wipe:wipe",
    "ToolHang": "tool_hang:tool_hang",
    "TwoArmTransport": "transport:transport",
}
#: What one unit of an action asks of the controller.
_POSITION_UNIT, _ANGLE_UNIT = 0.05, 0.5


class WaypointPolicy(Policy):
    """Goes through the waypoints of a plan; begins again at the end, so that a miss is retried.

    The hand is steered in straight lines, position and orientation proportionally, as `OSC_POSE`
    takes it in the world's axes. Memory: `phase` (B,), `since` (B,) steps in the phase and
    `target` (B, arms, 13), the waypoint in work.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("task", str, "Lift", help="the environment's env_name", choices=tuple(PLANS)),
        Param("gain", float, 2.5, "step for each m or rad that is missing", check=positive),
    )

    def _set_up(self) -> None:
        self._task = find_task(self.params.task)
        module, name = PLANS[self.params.task].split(":")
        self._plan: tuple[Step, ...] = getattr(
            import_module(f"muse.policies.robosuite_plans.{module}"), name
        )
        self._names = [
            n for n in self.env_spec.observation_names if self.env_spec.dtype(n) != np.uint8
        ]

    def initial_memory(self, model: Any, batch_size: int, seeds: Any = None) -> AttrDict:
        arms = self._task.arms
        return super().initial_memory(model, batch_size, seeds) & AttrDict(
            phase=np.full(batch_size, -1, np.int64),
            since=np.zeros(batch_size, np.int64),
            target=np.zeros((batch_size, arms, _WIDTH)),
        )

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 7), (B, 14) for two arms."""
        memory = next_count(memory)
        for name in ("phase", "since", "target"):
            memory[name] = memory[name].copy()
        actions = []
        for row in range(len(memory.count)):
            scene = Scene(self._task, {n: np.asarray(obs[n][row], np.float64) for n in self._names})
            self._advance(scene, memory, row)
            steps = [self._steer(scene, arm, memory.target[row, arm]) for arm in self._arms]
            actions.append(np.concatenate(steps))
        return AttrDict(action=np.stack(actions).astype(np.float32)), memory

    @property
    def _arms(self) -> range:
        return range(self._task.arms)

    def _advance(self, scene: Scene, memory: AttrDict, row: int) -> None:
        """Begin the next waypoint where the present one is reached or its time is over."""
        targets = memory.target[row]
        there = memory.phase[row] >= 0 and all(
            _is_over(scene, arm, targets[arm], int(memory.since[row])) for arm in self._arms
        )
        memory.since[row] += 1
        if memory.phase[row] >= 0 and not there:
            return
        begun = None
        while begun is None:
            memory.phase[row] = (memory.phase[row] + 1) % len(self._plan)
            begun = self._plan[memory.phase[row]](scene)
        memory.since[row] = 0
        for arm, waypoint in enumerate(begun if isinstance(begun, tuple) else (begun,)):
            targets[arm] = _packed(waypoint, scene.hand_quat(arm))

    def _steer(self, scene: Scene, arm: int, target: np.ndarray) -> np.ndarray:
        speed, gain = target[12], self.params.gain
        move = gain * (target[:3] - scene.hand(arm)) / _POSITION_UNIT
        turn = gain * _turn(scene.hand_quat(arm), target[3:7]) / _ANGLE_UNIT
        # The direction is kept where a limit shortens the step.
        move *= speed / max(speed, np.abs(move).max())
        turn *= speed / max(speed, np.abs(turn).max())
        grip = [target[7]] if self._task.gripper else []
        return np.concatenate([move, turn, grip])


_WIDTH = 13


def _packed(waypoint: Waypoint, hand_quat: np.ndarray) -> np.ndarray:
    quat = hand_quat if waypoint.orientation is None else waypoint.orientation
    rest = (
        waypoint.gripper,
        waypoint.timeout,
        waypoint.check_reach,
        waypoint.tolerance,
        waypoint.angle_tolerance,
        waypoint.max_speed,
    )
    return np.array([*waypoint.position, *quat, *rest], np.float64)


def _is_over(scene: Scene, arm: int, target: np.ndarray, since: int) -> bool:
    _, timeout, check_reach, tolerance, angle_tolerance, _ = target[7:]
    if since + 1 >= timeout:
        return True
    near = np.linalg.norm(target[:3] - scene.hand(arm)) < tolerance
    turned = np.linalg.norm(_turn(scene.hand_quat(arm), target[3:7])) < angle_tolerance
    return bool(check_reach and near and turned)


def _turn(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the rotation vector (3,) rad in the world that takes `start` to `end`."""
    return rotations.to_rotation_vector(rotations.multiply(end, rotations.inverse(start)))

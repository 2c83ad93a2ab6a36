"""The scripted expert that carries the ball with the Adroit hand."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.core.policy import Policy, act_by_row
from muse.envs.mujoco.hand_pose import limited
from muse.envs.robohive.simhive import SIMHIVE
from muse.policies.adroit_hand import AdroitHand, adroit_model, observation_name


class Part(IntEnum):
    """What the hand does with the ball."""

    OVER = 0
    DOWN = 1
    CLOSE = 2
    CARRY = 3


#: Steps of the parts before the last.
_STEPS = {Part.OVER: 28, Part.DOWN: 25, Part.CLOSE: 15}
#: Height over the ball at first, how far ahead of it the hand pulls, and where it is lost, m.
_OVER, _AHEAD, _LOST = 0.05, 0.15, 0.07
#: Free of the table the hand may tilt, m per rad.
_FIRM, _LOOSE = (0.05, 0.05), (0.02, 0.02)
#: Bend of the fingers and pose of the thumb, as in `AdroitHand.posture`.
_OPEN = ((0.2, 0.3, 0.3), (-0.5, 0.0, 0.0))
_GRASP = ((1.1, 1.1, 1.1), (0.9, 0.9, -0.9))
_FACING, _FORWARD = np.array([0.0, 0.0, -1.0]), np.array([0.0, 1.0, 0.0])


class AdroitRelocateExpert(Policy):
    """Goes over the ball, down on it, closes the hand and carries it; begins anew if it is lost.

    For `AdroitEnv` with `task` relocate and `RoboHiveEnv` with relocate-v1. It reads the joints and
    where palm, ball and target are to each other; the rest is a model of its own.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (SIMHIVE,)

    def _set_up(self) -> None:
        model = adroit_model(type(self).__name__, "relocate", self.env_spec, self.params.simhive)
        self._hand = AdroitHand(model, grip=(0.006, -0.046, 0.1))
        self._name = observation_name(self.env_spec)
        self._open, self._grasp = self._hand.posture(*_OPEN), self._hand.posture(*_GRASP)

    def initial_memory(
        self, model: Any, batch_size: int, seeds: Sequence[int] | np.ndarray | None = None
    ) -> AttrDict:
        """Return the memory of B rows: `Part`, steps in it, joints (B, 30) of the step before."""
        memory = super().initial_memory(model, batch_size, seeds)
        memory["part"] = np.zeros(batch_size, np.int64)
        memory["steps"] = np.zeros(batch_size, np.int64)
        memory["joints"] = np.full((batch_size, 30), np.nan)
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 30), targets of the joints."""
        rows = np.asarray(obs[self._name], np.float64)
        return act_by_row(memory, lambda b, mine: self._act(rows[b], mine))

    def _act(self, row: np.ndarray, memory: AttrDict) -> np.ndarray:
        """Return the action (30,) of one row and move its memory on."""
        hand, joints = self._hand, np.pad(row[:30], (0, 6))
        hand.place(joints)
        ball = hand.data.site("S_grasp").xpos - row[30:33]
        grip = hand.grip
        part = self._part(float(np.linalg.norm(grip - ball)), memory)
        point = ball + [0.0, 0.0, _OVER] if part is Part.OVER else ball
        if part is Part.CARRY:
            way = -row[36:39]
            point = grip + limited(way, _AHEAD)
        stiffness = _LOOSE if part is Part.CARRY else _FIRM
        arm = hand.reach(joints, point, _FACING, _FORWARD, stiffness)
        before = joints if np.isnan(memory.joints[0]) else np.pad(memory.joints, (0, 6))
        memory.joints = row[:30]
        fingers = self._grasp if part >= Part.CLOSE else self._open
        return hand.action(joints, arm, fingers, before)

    def _part(self, distance: float, memory: AttrDict) -> Part:
        """Return what a row does now, and count it."""
        part = Part(memory.part)
        if part is Part.CARRY and distance > _LOST:
            part = Part.OVER
        elif memory.steps >= _STEPS.get(part, np.inf):
            part = Part(part + 1)
        memory.steps = memory.steps + 1 if part == memory.part else 1
        memory.part = part
        return part

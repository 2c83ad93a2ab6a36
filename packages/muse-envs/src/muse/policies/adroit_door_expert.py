"""The scripted expert that opens the door with the Adroit hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.core.policy import Policy, act_by_row
from muse.envs.robohive.simhive import SIMHIVE
from muse.policies.adroit_hand import AdroitHand, adroit_model, observation_name


class Moment(NamedTuple):
    """What tells that a part of the motion is over: steps in it, m of the arm's slide, rad."""

    steps: int
    slide: float
    lever: float
    door: float


@dataclass(frozen=True)
class Part:
    """A part of the motion.

    Args:
        fingers: name of their posture.
        over: whether the next part is to begin.
        ahead: angles that lever and door are thought ahead of theirs: the hand goes where it would
            hold the lever then, and what is missing is the force, rad.
        way: from the lever, (3,) m.
        stiffness: as in `AdroitHand.reach`.
        arm: positions of arm and wrist that make the lever of no account.
    """

    fingers: str
    over: Callable[[Moment], bool]
    ahead: tuple[float, float] = (0.0, 0.0)
    way: tuple[float, float, float] = (0.0, 0.0, 0.0)
    stiffness: tuple[float, float] = (0.05, 0.05)
    arm: tuple[float, ...] | None = None


def _after(steps: int) -> Callable[[Moment], bool]:
    return lambda now: now.steps >= steps


#: Bend of the fingers and pose of the thumb, as in `AdroitHand.posture`.
_FINGERS = {
    "half": ((0.3, 0.6, 0.6), (0.5, 0.0, 0.0)),
    "fist": ((1.6, 1.55, 1.6), (-0.14, 1.0, -1.5)),
    "flat": ((0.0, 0.0, 0.0), (-1.0, 0.0, 0.0)),
}
PARTS = (
    # Above the lever, down on it, and around it.
    Part("half", _after(20), way=(0.0, 0.0, 0.05)),
    Part("half", _after(5)),
    Part("fist", _after(5)),
    # Turn it down, and pull until the door swings on alone.
    Part("fist", lambda now: now.lever > 1.34, ahead=(1.5, 0.0)),
    Part("fist", lambda now: now.door > 0.685, ahead=(1.5, 0.3), stiffness=(0.02, 0.047)),
    # Off, out of its way.
    Part("flat", _after(20), way=(0.2, -0.4, 0.0), stiffness=(0.02, 0.0)),
    # Back, in beside the door's edge, and push its other side.
    Part("flat", lambda now: now.slide < -0.13, arm=(-0.7, 0.1, 0.15, 1.3, 0.0, 0.0)),
    Part("flat", lambda now: now.slide > 0.1, arm=(0.7, 0.1, 0.15, 1.3, 0.0, 0.0)),
    Part("flat", lambda now: False, arm=(0.4, 0.1, -1.8, 1.3, 0.0, -0.8)),
)
#: Where the lever is held, m in its frame, and how far down it goes, rad.
_HOLD, _DOWN = (0.15, -0.15, 0.0), 1.9


class AdroitDoorExpert(Policy):
    """Grasps the lever, turns it down, pulls the door, and pushes it on from behind.

    For `AdroitEnv` with `task` door and `RoboHiveEnv` with door-v1. It reads the joints, the angles
    of lever and door and the places of palm and handle; the rest is a model of its own.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (SIMHIVE,)

    def _set_up(self) -> None:
        model = adroit_model(type(self).__name__, "door", self.env_spec, self.params.simhive)
        self._hand = AdroitHand(model, grip=(0.0, -0.039, 0.09))
        self._name = observation_name(self.env_spec)
        self._fingers = {name: self._hand.posture(*pose) for name, pose in _FINGERS.items()}

    def initial_memory(
        self, model: Any, batch_size: int, seeds: Sequence[int] | np.ndarray | None = None
    ) -> AttrDict:
        """Return the memory of B rows: which of `PARTS` each is in, and for how many steps."""
        memory = super().initial_memory(model, batch_size, seeds)
        memory["part"] = np.zeros(batch_size, np.int64)
        memory["steps"] = np.zeros(batch_size, np.int64)
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 28), targets of the joints."""
        rows = np.asarray(obs[self._name], np.float64)
        return act_by_row(memory, lambda b, mine: self._act(rows[b], mine))

    def _act(self, row: np.ndarray, memory: AttrDict) -> np.ndarray:
        """Return the action (28,) of one row and move its memory on."""
        joints = self._joints(row)
        now = Moment(int(memory.steps), joints[0], joints[29], joints[28])
        if PARTS[memory.part].over(now):
            memory.part, memory.steps = memory.part + 1, 0
        memory.steps += 1
        part = PARTS[memory.part]
        arm = self._follow(joints, part) if part.arm is None else np.array(part.arm)
        return self._hand.action(joints, arm, self._fingers[part.fingers])

    def _joints(self, row: np.ndarray) -> np.ndarray:
        """Return the positions of all joints (30,), and put the model's door where it is."""
        hand = self._hand
        joints = np.array([0.0, *row[:27], row[28], row[27]])
        frame = hand.model.body("frame")
        frame.pos = 0.0
        hand.place(joints)
        # The first slide is not observed; it moves the palm along y.
        joints[0] = row[30] - hand.data.site("S_grasp").xpos[1]
        frame.pos = row[32:35] - hand.data.site("S_handle").xpos
        return joints

    def _follow(self, joints: np.ndarray, part: Part) -> np.ndarray:
        """Return positions (6,) of arm and wrist that hold the lever a little further on."""
        hand, further = self._hand, joints.copy()
        further[28] += part.ahead[1]
        further[29] = min(further[29] + part.ahead[0], max(further[29], _DOWN))
        hand.place(further)
        lever = hand.data.body("latch")
        axes = lever.xmat.reshape(3, 3).copy()
        point = lever.xpos + axes @ _HOLD + part.way
        return hand.reach(joints, point, -axes[:, 2], axes[:, 1], part.stiffness)

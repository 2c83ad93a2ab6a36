"""Scripted play in `StackBlockEnv2D`: one primitive each, as in the play data of PLATO."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.policy import Policy, next_count, row_generators
from muse.policies.block_motion import approach, block_action
from muse.policies.block_play_plans import DOWN, PLANNERS, STILL, TURNED, Stage
from muse.policies.block_scene import BlockScene

#: Stages a plan has room for, and how near the agent comes to each place, px.
_ROOM, _NEAR = 64, 2.0
#: How near the ground a block is let go, px, and the speed below which it rests, px/s.
_LOW, _SLOW = 4.0, 1.0
#: How far an agent that stands still may move in a step, px.
_STANDING = 0.3
#: Steps after which any stage ends; no way across the grid takes as long.
_LONGEST = 400


class BlockPlayPolicy(Policy):
    """Does one primitive with the first block, then says that it is finished.

    * `push_left`, `push_right`: from the other side, low, without grabbing;
    * `pull_back_move_left`, `_right`, `_up`: grabs on that side and drags that way;
    * `rotate_left` (counter-clockwise), `rotate_right`: lifts by a side with a weak grip, in which
      the block turns until it hangs, and sets it down where it was, a quarter turn on;
    * `left_side_rotate`, `right_side_rotate`: lifts by that side and sets it down beyond, a quarter
      turn on, as if it had rolled over its edge;
    * `tip`: lifts by the top of a side, so that the block falls over towards the farther border,
      or the other way where there is no room.

    When first asked it plans around walls and other blocks. A primitive needs room: for the agent
    on the side where it takes hold, for what the block passes over, and on the surface for where it
    comes to rest. Where a start does not have that, the policy does nothing and is finished at
    once; `possible` tells beforehand, and without a `primitive` it draws one that is possible.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("primitive", str | None, "push_left",
              "what to do; None: in each episode one drawn from those that are possible",
              choices=(*PLANNERS, None)),
        Param("way", float, 50.0, "how far a block is pushed, pulled or lifted, at most", "px",
              check=positive),
        Param("weak_grab", float, 12.0, "the grab action in which a block turns",
              check=positive),
        Param("turn", float, 65.0, "how far a lifted block turns before it is set down", "deg",
              check=positive),
        Param("speed", float, 40.0, "speed of the agent", "px/s", check=positive),
        Param("patience", int, 20, "steps of standing still after which the next stage begins",
              "steps", check=positive),
    )  # fmt: skip

    def initial_memory(self, model: Any, batch_size: int, seeds: Any = None) -> AttrDict:
        """Return the memory of B rows: the plan and how far each row is in it."""
        memory = super().initial_memory(model, batch_size, seeds)
        memory["plan"] = np.zeros((batch_size, _ROOM, len(Stage._fields)))
        for name in ("length", "next", "waited", "idle"):
            memory[name] = np.zeros(batch_size, np.int64)
        for name in ("angle", "ground"):
            memory[name] = np.zeros(batch_size)
        memory["position"] = np.zeros((batch_size, 2))
        return memory

    def possible(self, obs: AttrDict) -> list[tuple[str, ...]]:
        """Return for each row of observations the primitives that its start has room for."""
        return [self._possible(self._scene(seen)) for seen in _rows(obs)]

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 3)."""
        after = next_count(memory).leaf_apply(np.copy)
        commands = np.zeros((len(memory.count), 3))
        for row, (seen, rng) in enumerate(zip(_rows(obs), row_generators(memory), strict=True)):
            if memory.count[row] == 0:
                self._begin(after, row, seen, rng)
            commands[row] = self._command(after, row, seen)
        return block_action(self.env_spec, commands[:, :2], commands[:, 2]), after

    def is_terminated(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> np.ndarray:
        """Return which rows have followed their plan to its end, (B,) bool."""
        ended: np.ndarray = (memory.count > 0) & (memory.next >= memory.length)
        return ended

    def _scene(self, seen: AttrDict) -> BlockScene:
        return BlockScene(seen, self.env_spec.limits("position")[1])

    def _possible(self, scene: BlockScene) -> tuple[str, ...]:
        return tuple(name for name, planner in PLANNERS.items() if planner(scene, self.params))

    def _begin(self, memory: AttrDict, row: int, seen: AttrDict, rng: np.random.Generator) -> None:
        """Plan, from the observations of one row; `rng` draws where no primitive is given."""
        scene, name = self._scene(seen), self.params.primitive
        names = self._possible(scene) if name is None else (name,)
        plan = PLANNERS[rng.choice(names)](scene, self.params) if names else []
        length = len(plan)
        memory.plan[row, :length] = np.array(plan).reshape(length, len(Stage._fields))
        memory.length[row] = length
        memory.angle[row], memory.ground[row] = seen["block_angles"][0], scene.bottom

    def _command(self, memory: AttrDict, row: int, seen: AttrDict) -> np.ndarray:
        """Return velocity x, y and grab of one row, (3,), and go on in its plan where due."""
        if memory.next[row] >= memory.length[row]:
            return np.zeros(3)
        stage = Stage(*memory.plan[row, memory.next[row]].tolist())
        error = np.array([stage.x, stage.y]) - seen["position"]
        memory.waited[row] += 1
        # An agent that presses against something has a velocity, but gets nowhere.
        stands = bool(np.abs(seen["position"] - memory.position[row]).max() < _STANDING)
        memory.idle[row] = memory.idle[row] + 1 if stands else 0
        memory.position[row] = seen["position"]
        ended = self._has_ended(stage.until, error, seen, memory.angle[row], memory.ground[row])
        stuck = memory.idle[row] >= self.params.patience or memory.waited[row] >= _LONGEST
        if stuck or (ended and memory.waited[row] >= stage.wait):
            memory.next[row] += 1
            memory.waited[row] = memory.idle[row] = 0
        velocity = approach(error[None], 5.0, 0.0, stage.pace * self.params.speed)[0]
        return np.append(velocity, stage.grab)

    def _has_ended(
        self, until: int, error: np.ndarray, seen: AttrDict, angle: float, ground: float
    ) -> bool:
        if until == TURNED:
            return abs(seen["block_angles"][0] - angle) >= math.radians(self.params.turn)
        if until == DOWN and seen["block_bounding_boxes"][0, 1] <= ground + _LOW:
            return True
        there = float(np.linalg.norm(error)) < _NEAR
        if until == STILL:
            still = np.abs(seen["block_velocities"][0]).max() < _SLOW
            return there and bool(still)
        return there


def _rows(obs: AttrDict) -> list[AttrDict]:
    """Return the rows of a batch without the batch dimension."""
    count = len(next(iter(obs.leaf_values())))
    return [AttrDict((name, leaf[row]) for name, leaf in obs.leaf_items()) for row in range(count)]

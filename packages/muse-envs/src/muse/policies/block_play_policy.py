"""Scripted play in `StackBlockEnv2D`: one primitive each, as in the play data of PLATO."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.policy import Policy, next_count
from muse.envs.pymunk.block_observers import MAX_GRAB
from muse.envs.pymunk.success_functions import pname_to_success
from muse.policies.block_motion import approach, block_action

#: Waypoints a plan has room for, and how near the agent comes to each, px.
_ROOM, _NEAR = 10, 2.0
#: Room kept to the block on the way to it, px.
_CLEAR = 12.0

#: x and y in px, the grab action on the way there, steps to spend on it at least.
_Waypoint = tuple[float, float, float, float]


class BlockPlayPolicy(Policy):
    """Does one primitive with the first block, then says that it is finished.

    * `push_left`, `push_right`: from the other side, low, without grabbing;
    * `pull_back_move_left`, `_right`, `_up`: grabs on that side and drags that way;
    * `rotate_left` (counter-clockwise), `rotate_right`: lifts by a side with a weak grip, in which
      the block turns until it hangs, and lets go;
    * `left_side_rotate`, `right_side_rotate`: lifts by that side and rolls the block over;
    * `tip`: pushes at the top towards the farther border; a slender block falls over.

    It plans when it is first asked, from where the block is then, and follows the plan open loop.
    The agent needs room on the side where a primitive takes hold.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("primitive", str, "push_left", "what to do", choices=tuple(pname_to_success)),
        Param("way", float, 50.0, "how far a block is pushed, pulled or lifted", "px",
              check=positive),
        Param("weak_grab", float, 12.0, "the grab action in which a block turns",
              check=positive),
        Param("speed", float, 40.0, "speed of the agent", "px/s", check=positive),
        Param("swing", int, 20, "steps that a lifted block is given to turn", "steps",
              check=positive),
        Param("patience", int, 60, "steps after which a waypoint that is not reached is left out",
              "steps", check=positive),
    )  # fmt: skip

    def initial_memory(self, model: Any, batch_size: int, seeds: Any = None) -> AttrDict:
        """Return the memory of B rows: waypoints (x, y, grab, wait), length, next, waited."""
        memory = super().initial_memory(model, batch_size, seeds)
        memory["plan"] = np.zeros((batch_size, _ROOM, 4))
        for name in ("length", "next", "waited"):
            memory[name] = np.zeros(batch_size, np.int64)
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 3)."""
        after = next_count(memory).leaf_apply(np.copy)
        positions = np.asarray(obs["position"], np.float64)
        commands = np.zeros((len(memory.count), 3))
        for row, position in enumerate(positions):
            if memory.count[row] == 0:
                plan = self._plan(AttrDict((k, v[row]) for k, v in obs.leaf_items()))
                after.plan[row, : len(plan)], after.length[row] = plan, len(plan)
            commands[row] = self._command(after, row, position)
        return block_action(self.env_spec, commands[:, :2], commands[:, 2]), after

    def is_terminated(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> np.ndarray:
        """Return which rows have followed their plan to its end, (B,) bool."""
        ended: np.ndarray = (memory.count > 0) & (memory.next >= memory.length)
        return ended

    def _command(self, memory: AttrDict, row: int, position: np.ndarray) -> np.ndarray:
        """Return velocity x, y and grab of one row, (3,), and go on in its plan where due."""
        if memory.next[row] >= memory.length[row]:
            return np.zeros(3)
        waypoint = memory.plan[row, memory.next[row]]
        error = waypoint[:2] - position
        memory.waited[row] += 1
        there = np.linalg.norm(error) < _NEAR and memory.waited[row] >= waypoint[3]
        if there or memory.waited[row] >= self.params.patience:
            memory.next[row] += 1
            memory.waited[row] = 0
        velocity = approach(error[None], 5.0, 0.0, self.params.speed)[0]
        return np.append(velocity, waypoint[2])

    def _plan(self, obs: AttrDict) -> np.ndarray:
        """Return the waypoints (K, 4) of the primitive for one row's observations."""
        scene = _Scene(obs, float(self.env_spec.limits("position")[1][0]))
        name, way, weak = self.params.primitive, self.params.way, self.params.weak_grab
        swing = float(self.params.swing)
        plans: dict[str, Callable[[], list[_Waypoint]]] = {
            "push_left": lambda: _push(scene, 1, -1.0, way),
            "push_right": lambda: _push(scene, -1, -1.0, way),
            "tip": lambda: _push(scene, scene.near_border(), 0.9, 2 * way),
            "pull_back_move_left": lambda: _pull(scene, -1, way),
            "pull_back_move_right": lambda: _pull(scene, 1, way),
            "pull_back_move_up": lambda: _lift(scene, way),
            "rotate_left": lambda: _turn(scene, 1, way, 0.0, weak, swing),
            "rotate_right": lambda: _turn(scene, -1, way, 0.0, weak, swing),
            "left_side_rotate": lambda: _turn(scene, -1, way, scene.roll, weak, swing),
            "right_side_rotate": lambda: _turn(scene, 1, way, scene.roll, weak, swing),
        }
        return np.array(plans[name]())


class _Scene:
    """Where agent and first block are at the start of a primitive, px."""

    def __init__(self, obs: AttrDict, grid_width: float) -> None:
        self.agent = np.asarray(obs["position"], np.float64)
        left, bottom, right, top = np.asarray(obs["block_bounding_boxes"][0], np.float64)
        self.x, self.top, self.bottom = (left + right) / 2, top, bottom
        self.width, self.height = right - left, top - bottom
        box = np.asarray(obs["bounding_box"], np.float64)
        self.radius = (box[2] - box[0]) / 2
        #: How far a block moves that rolls over an edge.
        self.roll = (self.width + self.height) / 2
        self._grid_width = grid_width

    def near_border(self) -> int:
        """Return the side, -1 left or 1 right, on which the border is nearer."""
        return -1 if self.x < self._grid_width / 2 else 1

    def beside(self, side: int, share: float) -> tuple[float, float]:
        """Return where the agent touches a side, at a share of the height from -1 to 1."""
        middle = (self.top + self.bottom) / 2
        y = max(middle + share * self.height / 2, self.bottom + self.radius)
        return self.x + side * (self.width / 2 + self.radius), y

    def way_beside(self, side: int, share: float) -> list[_Waypoint]:
        """Return waypoints over the block to one of its sides."""
        x, y = self.beside(side, share)
        over = max(self.agent[1], self.top + self.radius + _CLEAR)
        x += side * _CLEAR
        return [(self.agent[0], over, 0.0, 0.0), (x, over, 0.0, 0.0), (x, y, 0.0, 0.0)]


def _push(scene: _Scene, side: int, share: float, way: float) -> list[_Waypoint]:
    x, y = scene.beside(side, share)
    return [*scene.way_beside(side, share), (x - side * way, y, 0.0, 0.0)]


def _pull(scene: _Scene, side: int, way: float) -> list[_Waypoint]:
    x, y = scene.beside(side, 0.0)
    return [*scene.way_beside(side, 0.0), (x, y, MAX_GRAB, 0.0), (x + side * way, y, MAX_GRAB, 0.0)]


def _lift(scene: _Scene, way: float) -> list[_Waypoint]:
    y = scene.top + scene.radius
    return [
        (scene.agent[0], max(scene.agent[1], y + _CLEAR), 0.0, 0.0),
        (scene.x, y + _CLEAR, 0.0, 0.0),
        (scene.x, y, MAX_GRAB, 0.0),
        (scene.x, y + way, MAX_GRAB, 0.0),
    ]


def _turn(
    scene: _Scene, side: int, way: float, over: float, grab: float, swing: float
) -> list[_Waypoint]:
    """Lift by one side, wait until it hangs, carry `over` px across, let it drop the little way."""
    x, y = scene.beside(side, 0.0)
    lifted = y + way
    return [
        *scene.way_beside(side, 0.0),
        (x, y, grab, 0.0),
        (x, lifted, grab, swing),
        (x - side * over, lifted, grab, 0.0),
        (x - side * over, lifted + _CLEAR, 0.0, swing),
    ]

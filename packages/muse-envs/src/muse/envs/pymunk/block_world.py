"""The physics of the 2-D block family: a round agent driven by velocity, square blocks, a grip.

Lengths are pixels of the grid, y points up, times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from muse.envs.pymunk.simulators import load_pymunk

#: Seconds of one physics step, and how many make one control step at 10 Hz.
PHYSICS_DT = 1 / 250
PHYSICS_STEPS = 25
WALL_RADIUS = 10.0
#: Greatest force of the grip for each unit of the grab action; the full 500 hold 50 000.
FORCE_PER_GRAB = 100.0


@dataclass(frozen=True)
class BlockWorldOptions:
    """What does not change between episodes; see the parameters of `BlockEnv2D`."""

    grid_size: tuple[float, float]
    block_size: float
    block_mass: float
    gravity: tuple[float, float]
    damping: float
    max_velocity: float
    block_friction: float
    grabbing_frac: float
    grab_one_only: bool
    grab_binary: bool
    grab_rotary_joint: bool
    grab_max_force: float


class BlockWorld:
    """The bodies of one episode.

    Args:
        options: sizes, masses and the grip.
        position: (2,) centre of the agent.
        block_positions: (n, 2) centres of the blocks.
        block_angles: (n,) rad.
    """

    def __init__(
        self,
        options: BlockWorldOptions,
        position: np.ndarray,
        block_positions: np.ndarray,
        block_angles: np.ndarray,
    ) -> None:
        self._pymunk = load_pymunk("BlockEnv2D")
        self.options = options
        self.space = self._pymunk.Space()
        self.space.gravity = options.gravity
        self.space.damping = options.damping
        self._add_walls()
        self.agent = self._add_agent(position)
        self.blocks: list[Any] = []
        self._block_shapes: list[Any] = []
        for center, angle in zip(block_positions, block_angles, strict=True):
            self._add_block(center, float(angle))
        #: Index of a held block -> the constraints that hold it.
        self._grips: dict[int, list[Any]] = {}

    @property
    def agent_radius(self) -> float:
        return self.options.block_size / 2

    @property
    def held(self) -> tuple[int, ...]:
        """Indices of the blocks that the agent holds."""
        return tuple(self._grips)

    def advance(self, velocity: Sequence[float], grab: float) -> None:
        """Run one control step, 0.1 s.

        Args:
            velocity: (2,) commanded velocity of the agent, px/s.
            grab: above 0 the agent takes blocks within reach and holds them, else it lets go.
        """
        vx, vy = self._limited(float(velocity[0]), float(velocity[1]))
        if grab <= 0:
            self.release()
        else:
            self._set_force(grab)
        agent, step = self.agent, self.space.step
        for _ in range(PHYSICS_STEPS):
            if grab > 0:
                self._take_blocks(grab)
            # A velocity servo without lag: gravity and contacts act within one physics step.
            agent.velocity = (vx, vy)
            step(PHYSICS_DT)
        for body in (agent, *self.blocks):
            body.velocity = self._limited(*body.velocity)

    def release(self) -> None:
        """Let go of every block."""
        for constraints in self._grips.values():
            self.space.remove(*constraints)
        self._grips.clear()

    def reach(self, index: int) -> float:
        """Return how far the agent's centre is from the surface of a block (< 0 inside), px."""
        distance: float = self._block_shapes[index].point_query(self.agent.position).distance
        return distance

    def snapshot(self) -> np.ndarray:
        """Return (1 + n, 7): x, y, angle, vx, vy, angular velocity, held, agent first."""
        rows = []
        for i, body in enumerate((self.agent, *self.blocks)):
            held = float(i - 1 in self._grips)
            rows.append([*body.position, body.angle, *body.velocity, body.angular_velocity, held])
        return np.array(rows)

    def restore(self, snapshot: np.ndarray, grab: float) -> None:
        """Return to a `snapshot` (1 + n, 7), holding with `grab` what it says was held."""
        self.release()
        for body, row in zip((self.agent, *self.blocks), snapshot, strict=True):
            x, y, angle, vx, vy, omega, _ = (float(v) for v in row)
            body.angle, body.position = angle, (x, y)
            body.velocity, body.angular_velocity = (vx, vy), omega
            self.space.reindex_shapes_for_body(body)
        for i, row in enumerate(snapshot[1:]):
            if row[6]:
                self._grip(i, grab)

    def _limited(self, vx: float, vy: float) -> tuple[float, float]:
        speed, most = math.hypot(vx, vy), self.options.max_velocity
        if speed <= most:
            return vx, vy
        return vx * most / speed, vy * most / speed

    def _take_blocks(self, grab: float) -> None:
        if self.options.grab_one_only and self._grips:
            return
        near = self.options.grabbing_frac * self.agent_radius
        # The corner of a block is farthest from its centre: a cheap test spares most queries.
        ax, ay = self.agent.position
        far = near + self.options.block_size * math.sqrt(0.5)
        for i, block in enumerate(self.blocks):
            if i in self._grips:
                continue
            x, y = block.position
            if math.hypot(x - ax, y - ay) <= far and self.reach(i) <= near:
                self._grip(i, grab)
                if self.options.grab_one_only:
                    return

    def _grip(self, index: int, grab: float) -> None:
        pymunk, block = self._pymunk, self.blocks[index]
        middle = (self.agent.position + block.position) / 2
        constraints = [pymunk.PivotJoint(self.agent, block, (middle.x, middle.y))]
        if self.options.grab_rotary_joint:
            angle = block.angle - self.agent.angle
            constraints.append(pymunk.RotaryLimitJoint(self.agent, block, angle, angle))
        self._grips[index] = constraints
        self.space.add(*constraints)
        self._set_force(grab)

    def _set_force(self, grab: float) -> None:
        most = self.options.grab_max_force
        force = most if self.options.grab_binary else min(grab * FORCE_PER_GRAB, most)
        for constraints in self._grips.values():
            for constraint in constraints:
                constraint.max_force = force

    def _add_walls(self) -> None:
        (width, height), r = self.options.grid_size, WALL_RADIUS
        corners = [(-r, -r), (width + r, -r), (width + r, height + r), (-r, height + r)]
        static = self.space.static_body
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
            wall = self._pymunk.Segment(static, a, b, r)
            wall.friction = self.options.block_friction
            self.space.add(wall)

    def _add_agent(self, position: np.ndarray) -> Any:
        # It never turns, so a held block keeps its side of the agent.
        agent = self._pymunk.Body(self.options.block_mass, math.inf)
        agent.position = (float(position[0]), float(position[1]))
        shape = self._pymunk.Circle(agent, self.agent_radius)
        shape.friction = self.options.block_friction
        self.space.add(agent, shape)
        return agent

    def _add_block(self, center: np.ndarray, angle: float) -> None:
        pymunk, options = self._pymunk, self.options
        side = (options.block_size, options.block_size)
        block = pymunk.Body(options.block_mass, pymunk.moment_for_box(options.block_mass, side))
        block.position = (float(center[0]), float(center[1]))
        block.angle = angle
        shape = pymunk.Poly.create_box(block, side)
        shape.friction = options.block_friction
        self.space.add(block, shape)
        self.blocks.append(block)
        self._block_shapes.append(shape)

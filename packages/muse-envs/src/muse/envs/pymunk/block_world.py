"""The physics of the 2-D block family: a round agent driven by velocity, blocks, walls, a grip.

Lengths are pixels of the grid, y points up, times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.grip import Grip, GripOptions
from muse.envs.pymunk.maze import Segment, inner_walls
from muse.envs.pymunk.simulators import load_pymunk

#: Seconds of one physics step.
PHYSICS_DT = 1 / 250
WALL_RADIUS = 10.0
INNER_WALL_RADIUS = 2.0


@dataclass(frozen=True)
class BlockWorldOptions:
    """What does not change between episodes; see the parameters of `BlockEnv2D`."""

    grid_size: tuple[float, float]
    agent_size: float
    agent_mass: float
    damping: float
    max_velocity: float
    friction: float
    keep_in_bounds: bool
    wall_contacts: bool
    grip: GripOptions


class BlockWorld:
    """The bodies of one episode.

    Args:
        options: what all episodes share.
        layout: what this one starts from: `gravity` (2,), `maze` (C, C), `position` (2,),
            `block_positions` (n, 2), `block_angles` (n,), `block_sizes` (n, 2), `block_masses`
            (n,) and `initialization_steps` ().
    """

    def __init__(self, options: BlockWorldOptions, layout: AttrDict) -> None:
        self._pymunk = load_pymunk("BlockEnv2D")
        self.options = options
        self.space = self._pymunk.Space()
        self.space.gravity = tuple(float(v) for v in layout["gravity"])
        self.space.damping = options.damping
        border, inner = self._add_walls(layout["maze"])
        self._walls = border + inner
        self.agent = self._add_agent(layout["position"])
        self.blocks: list[Any] = []
        self._shapes: list[Any] = []
        for center, angle, size, mass in zip(
            *(layout[f"block_{name}"] for name in ("positions", "angles", "sizes", "masses")),
            strict=True,
        ):
            self._add_block((float(center[0]), float(center[1])), float(angle), size, float(mass))
        self.grip = Grip(self._pymunk, self.space, self.agent, self._shapes, inner, options.grip)
        #: Mean force on agent and blocks in the last control step, and mean torque: (1 + n, 3).
        self.loads = np.zeros((1 + len(self.blocks), 3))
        self._settle(int(layout["initialization_steps"]))

    @property
    def bodies(self) -> list[Any]:
        """The agent, then the blocks."""
        return [self.agent, *self.blocks]

    @property
    def grooves(self) -> list[Segment]:
        """The lines that blocks slide on, px; here none."""
        return []

    @property
    def held(self) -> tuple[int, ...]:
        """Indices of the blocks that the agent holds."""
        return self.grip.held

    def advance(self, velocity: Sequence[float], grab: float, steps: int) -> None:
        """Run one control step of `steps` physics steps.

        Args:
            velocity: (2,) commanded velocity of the agent, px/s.
            grab: above 0 the agent takes blocks within reach and holds them, else it lets go.
            steps: how many times 1/250 s.
        """
        vx, vy = self._limited(float(velocity[0]), float(velocity[1]))
        before = self._velocities()
        if grab <= 0:
            self.grip.release()
        else:
            self.grip.set_force(grab)
        agent, step = self.agent, self.space.step
        breaks = math.isfinite(self.options.grip.break_force)
        for _ in range(steps):
            if grab > 0:
                self.grip.take(grab)
            # A velocity servo without lag: gravity and contacts act within one physics step.
            agent.velocity = (vx, vy)
            step(PHYSICS_DT)
            if breaks:
                self.grip.drop_overloaded()
        for body in self.bodies:
            body.velocity = self._limited(*body.velocity)
            if self.options.keep_in_bounds:
                self._put_back(body)
        self.loads = self._inertias() * (self._velocities() - before) / (steps * PHYSICS_DT)

    def _settle(self, steps: int) -> None:
        """Run physics steps; blocks fall into place, the agent stays where it was put."""
        place = self.agent.position
        for _ in range(steps):
            self.space.step(PHYSICS_DT)
        self.agent.position, self.agent.velocity = place, (0.0, 0.0)
        self.space.reindex_shapes_for_body(self.agent)

    def contacts(self, index: int) -> list[tuple[Any, Any]]:
        """Return (point, normal) pairs, each (x, y), where the agent touches a block.

        The normal points from what touches into the block. With `wall_contacts` walls count, too.
        """
        (agent,) = self.agent.shapes
        counted = {agent, *(self._walls if self.options.wall_contacts else ())}
        return [
            (point.point_a, -touching.contact_point_set.normal)
            for touching in self.space.shape_query(self._shapes[index])
            if touching.shape in counted
            for point in touching.contact_point_set.points
        ]

    def is_finite(self) -> bool:
        """Return whether every position is a number."""
        return all(math.isfinite(sum(body.position) + body.angle) for body in self.bodies)

    def _velocities(self) -> np.ndarray:
        return np.array([[*body.velocity, body.angular_velocity] for body in self.bodies])

    def _inertias(self) -> np.ndarray:
        # The torque of a body that never turns, its moment infinite, counts as 0.
        return np.array(
            [[b.mass, b.mass, b.moment if b.moment < math.inf else 0.0] for b in self.bodies]
        )

    def _limited(self, vx: float, vy: float) -> tuple[float, float]:
        speed, most = math.hypot(vx, vy), self.options.max_velocity
        if speed <= most:
            return vx, vy
        return vx * most / speed, vy * most / speed

    def _put_back(self, body: Any) -> None:
        place = [
            min(max(at, 0.0), side)
            for at, side in zip(body.position, self.options.grid_size, strict=True)
        ]
        if place != [*body.position]:
            body.position, body.velocity = tuple(place), (0.0, 0.0)
            self.space.reindex_shapes_for_body(body)

    def _add_walls(self, maze: np.ndarray) -> tuple[list[Any], list[Any]]:
        (width, height), r = self.options.grid_size, WALL_RADIUS
        corners = [(-r, -r), (width + r, -r), (width + r, height + r), (-r, height + r)]
        border = list(zip(corners, corners[1:] + corners[:1], strict=True))
        inner = inner_walls(maze, self.options.grid_size)
        return self._walls_along(border, r), self._walls_along(inner, INNER_WALL_RADIUS)

    def _walls_along(self, lines: list[Segment], radius: float) -> list[Any]:
        walls = [self._pymunk.Segment(self.space.static_body, a, b, radius) for a, b in lines]
        for wall in walls:
            wall.friction = self.options.friction
            self.space.add(wall)
        return walls

    def _add_agent(self, position: np.ndarray) -> Any:
        # It never turns, so a held block keeps its side of the agent.
        agent = self._pymunk.Body(self.options.agent_mass, math.inf)
        agent.position = (float(position[0]), float(position[1]))
        shape = self._pymunk.Circle(agent, self.options.agent_size / 2)
        shape.friction = self.options.friction
        self.space.add(agent, shape)
        return agent

    def _add_block(
        self, center: tuple[float, float], angle: float, size: np.ndarray, mass: float
    ) -> None:
        pymunk = self._pymunk
        sides = (float(size[0]), float(size[1]))
        block = pymunk.Body(mass, self._moment(mass, sides))
        block.position = center
        block.angle = angle
        shape = pymunk.Poly.create_box(block, sides)
        shape.friction = self.options.friction
        self.space.add(block, shape)
        self.blocks.append(block)
        self._shapes.append(shape)

    def _moment(self, mass: float, sides: tuple[float, float]) -> float:
        """The moment of inertia of a block."""
        moment: float = self._pymunk.moment_for_box(mass, sides)
        return moment

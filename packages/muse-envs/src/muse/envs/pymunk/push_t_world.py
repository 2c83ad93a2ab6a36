"""The physics of Push-T: a round pusher driven by a PD law, a T, four walls, no friction below.

Constants and the order of operations are those of the reference task (gym-pusht 0.1.8, after
Florence et al. 2021 and Chi et al. 2023), so that equal actions give equal states.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.envs.pymunk import t_shape
from muse.envs.pymunk.simulators import load_pymunk

#: Side of the table, px.
TABLE = 512
AGENT_RADIUS = 15
WALLS = (((5, 506), (5, 5)), ((5, 5), (506, 5)), ((506, 5), (506, 506)), ((5, 506), (506, 506)))
WALL_RADIUS = 2
#: Seconds of one physics step, and how many make one control step at 10 Hz.
PHYSICS_DT = 0.01
PHYSICS_STEPS = 10
#: Gains of the PD law that draws the pusher to its target: 1/s^2 and 1/s.
POSITION_GAIN, VELOCITY_GAIN = 100, 20


class PushTWorld:
    """The bodies of one episode.

    Args:
        damping: the share of its velocity a body keeps over one second, 0 to 1.
        block_cog: centre of gravity of the block in its own frame, px; None for that of a T.
    """

    def __init__(self, damping: float = 0.0, block_cog: tuple[float, float] | None = None) -> None:
        pymunk = load_pymunk("PushTEnv")
        self.space = pymunk.Space()
        self.space.gravity = 0, 0
        self.space.damping = damping
        # The solver visits contacts in the order of insertion: walls, pusher, block.
        static = self.space.static_body
        self.space.add(*(pymunk.Segment(static, a, b, WALL_RADIUS) for a, b in WALLS))
        self.agent = self._add_agent(pymunk)
        self.block = self._add_block(pymunk, block_cog or t_shape.CENTER_OF_GRAVITY)

    def _add_agent(self, pymunk: Any) -> Any:
        agent = pymunk.Body(body_type=pymunk.Body.KINEMATIC)
        agent.position = (256, 400)
        self.space.add(agent, pymunk.Circle(agent, AGENT_RADIUS))
        return agent

    def _add_block(self, pymunk: Any, center_of_gravity: tuple[float, float]) -> Any:
        # The reference gives the stem the inertia of the bar, too.
        inertia = 2 * pymunk.moment_for_poly(1, t_shape.BAR)
        block = pymunk.Body(1, inertia)
        shapes = [pymunk.Poly(block, part) for part in t_shape.PARTS]
        block.center_of_gravity = center_of_gravity
        block.position = (256, 300)
        self.space.add(block, *shapes)
        return block

    def place(self, state: np.ndarray) -> None:
        """Put pusher and block at `state` (5,): agent x, y, block x, y, theta."""
        x, y, block_x, block_y, theta = (float(v) for v in state)
        self.agent.position = (x, y)
        # Turning is about the centre of gravity and moves the origin, hence the angle first.
        self.block.angle = theta
        self.block.position = (block_x, block_y)
        self.space.reindex_shapes_for_body(self.agent)
        self.space.reindex_shapes_for_body(self.block)

    def place_as_reference(self, state: np.ndarray) -> None:
        """Put them as gym-pusht does: the angle last, which shifts the block, then one step."""
        x, y, block_x, block_y, theta = (float(v) for v in state)
        self.agent.position = (x, y)
        self.block.position = (block_x, block_y)
        self.block.angle = theta
        self.space.step(PHYSICS_DT)

    def advance(self, target_x: float, target_y: float) -> None:
        """Run one control step, 0.1 s, drawing the pusher to the target (px)."""
        agent, step = self.agent, self.space.step
        for _ in range(PHYSICS_STEPS):
            (x, y), (vx, vy) = agent.position, agent.velocity
            ax = POSITION_GAIN * (target_x - x) + VELOCITY_GAIN * (0 - vx)
            ay = POSITION_GAIN * (target_y - y) + VELOCITY_GAIN * (0 - vy)
            agent.velocity = (vx + ax * PHYSICS_DT, vy + ay * PHYSICS_DT)
            step(PHYSICS_DT)

    @property
    def agent_position(self) -> tuple[float, float]:
        x, y = self.agent.position
        return x, y

    @property
    def block_pose(self) -> t_shape.Pose:
        """(x, y, theta), px and radians; theta as it has wound up."""
        x, y = self.block.position
        return x, y, self.block.angle

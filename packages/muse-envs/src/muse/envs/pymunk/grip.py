"""The agent's grip: which blocks it holds, by what joints and how firmly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

#: Greatest force of the grip for each unit of the grab action; the full 500 hold 50 000.
FORCE_PER_GRAB = 100.0


@dataclass(frozen=True)
class GripOptions:
    """What does not change between episodes; see the parameters of `BlockEnv2D`."""

    reach: float
    one_only: bool
    binary: bool
    rotary_joint: bool
    slider_min_frac: float | None
    max_force: float
    break_force: float


class Grip:
    """Takes, holds and lets go of blocks.

    Args:
        pymunk: the simulator's module.
        space: where the joints live.
        agent: the body that holds.
        shapes: the shape of each block.
        walls: shapes that the grip does not reach through.
        options: how it holds.
    """

    def __init__(
        self,
        pymunk: Any,
        space: Any,
        agent: Any,
        shapes: list[Any],
        walls: list[Any],
        options: GripOptions,
    ) -> None:
        self._pymunk, self._space = pymunk, space
        self._agent, self._shapes, self._walls = agent, shapes, walls
        self._options = options
        # The corner of a block is farthest from its centre: a cheap test spares most queries.
        self._far = [options.reach + _radius(shape) for shape in shapes]
        #: Index of a held block -> the joints that hold it; the first one bears its weight.
        self._joints: dict[int, list[Any]] = {}

    @property
    def held(self) -> tuple[int, ...]:
        """Indices of the blocks that the agent holds."""
        return tuple(self._joints)

    def release(self) -> None:
        """Let go of every block."""
        for index in self.held:
            self._let_go(index)

    def set_force(self, grab: float) -> None:
        """Hold with the force that a grab action above 0 asks for."""
        most = self._options.max_force
        force = most if self._options.binary else min(grab * FORCE_PER_GRAB, most)
        for joints in self._joints.values():
            for joint in joints:
                joint.max_force = force

    def take(self, grab: float) -> None:
        """Take the blocks within reach that are not held yet."""
        options = self._options
        if options.one_only and self._joints:
            return
        ax, ay = self._agent.position
        for i, shape in enumerate(self._shapes):
            if i in self._joints:
                continue
            x, y = shape.body.position
            if math.hypot(x - ax, y - ay) <= self._far[i] and self._reaches(i):
                self._joints[i] = self._joined(shape.body)
                self._space.add(*self._joints[i])
                self.set_force(grab)
                if options.one_only:
                    return

    def drop_overloaded(self) -> None:
        """Let go of the blocks whose grip bore more than the breaking force in the last step."""
        for index in self.held:
            if self.force(index) > self._options.break_force:
                self._let_go(index)

    def distance(self, index: int) -> float:
        """Return how far the agent's centre is from the surface of a block (< 0 inside), px."""
        found: float = self._shapes[index].point_query(self._agent.position).distance
        return found

    def vector(self, index: int) -> tuple[float, float]:
        """Return the way from the agent's centre to the nearest point of a block's surface, px."""
        point, center = self._shapes[index].point_query(self._agent.position).point, self._agent
        return point.x - center.position.x, point.y - center.position.y

    def force(self, index: int) -> float:
        """Return the force that the grip exerted on a block in the last physics step."""
        if index not in self._joints:
            return 0.0
        force: float = self._joints[index][0].impulse / self._space.current_time_step
        return force

    def _reaches(self, index: int) -> bool:
        start = self._agent.position
        found = self._shapes[index].point_query(start)
        if found.distance > self._options.reach:
            return False
        return not any(_crosses(wall, start, found.point) for wall in self._walls)

    def _let_go(self, index: int) -> None:
        self._space.remove(*self._joints.pop(index))

    def _joined(self, block: Any) -> list[Any]:
        pymunk, agent, options = self._pymunk, self._agent, self._options
        if options.slider_min_frac is None:
            middle = (agent.position + block.position) / 2
            joints = [pymunk.PivotJoint(agent, block, (middle.x, middle.y))]
        else:
            far = math.dist(agent.position, block.position)
            near = options.slider_min_frac * far
            joints = [pymunk.SlideJoint(agent, block, (0, 0), (0, 0), near, far)]
        if options.rotary_joint:
            angle = block.angle - agent.angle
            joints.append(pymunk.RotaryLimitJoint(agent, block, angle, angle))
        return joints


def _radius(shape: Any) -> float:
    """The distance of the farthest corner from the middle of a block, px."""
    return max(corner.length for corner in shape.get_vertices())


def _crosses(wall: Any, start: Any, end: Any) -> bool:
    """Whether the line from start to end meets the wall."""
    hit = wall.segment_query(start, end)
    # Without a hit pymunk 7 gives None, pymunk 6 an answer without a shape.
    return hit is not None and hit.shape is not None

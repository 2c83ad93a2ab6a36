"""What the Push-T expert thinks with: pushes it could make, and ways around the block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from muse.envs.pymunk import t_shape
from muse.envs.pymunk.push_t_env import GOAL_POSE
from muse.envs.pymunk.push_t_world import AGENT_RADIUS, PHYSICS_DT, TABLE, PushTWorld
from muse.policies.grid_way import way_over_grid

#: The corners of the T in the frame of the body, around it.
OUTLINE = np.array(
    [(-60, 0), (60, 0), (60, 30), (15, 30), (15, 120), (-15, 120), (-15, 30), (-60, 30)], np.float64
)
#: A push begins with this gap between pusher and block; a way around keeps most of it, px.
GAP = 4.0
PASSING_GAP = 2.5
#: Way of the pusher in a physics step of the simulation, px: little, for a fine choice of depth.
STEP = 1.0
#: Steps that a push costs beside its way, and px the pusher travels in a step.
OVERHEAD, TRAVEL = 6.0, 40.0
#: Distance of the nodes of a way around, px.
GRID = 16


@dataclass(frozen=True)
class Push:
    """A straight push: from `start` to `end`, both (2,) px of the table."""

    start: np.ndarray
    end: np.ndarray


class PushPlanner:
    """Simulates pushes of a block.

    Args:
        pose: (3,) of the block.
        spacing: distance of neighbouring pushes along an edge, px.
        max_depth: farthest push, px.
    """

    def __init__(self, pose: np.ndarray, spacing: float, max_depth: int) -> None:
        self._pose, self._max_depth = pose, max_depth
        self._world = PushTWorld()
        points, normals = _contacts(spacing)
        self._points = _to_world(points, pose)
        self._normals = _to_world(normals, pose) - pose[:2]

    def best_first(self, agent: np.ndarray) -> Iterator[Push]:
        """Yield pushes, the one that gains most for its time first.

        Args:
            agent: (2,) where the pusher is.
        """
        starts = self._points + (AGENT_RADIUS + GAP) * self._normals
        inside = ((starts >= 0) & (starts <= TABLE)).all(axis=1)
        now = _error(self._pose[None])[0]
        found = []
        for start, normal in zip(starts[inside], self._normals[inside], strict=True):
            errors = _error(self._push(start, -normal))
            depths = STEP * np.arange(1, len(errors) + 1)
            time = OVERHEAD + (np.linalg.norm(start - agent) + depths) / TRAVEL
            rates = (now - errors) / time
            best = int(np.argmax(rates))
            found.append((rates[best], Push(start, start - depths[best] * normal)))
        for _, push in sorted(found, key=lambda pair: -pair[0]):
            yield push

    def _push(self, start: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """Return the poses (K, 3) of the block as the pusher goes on from `start`."""
        world = self._world
        world.place(np.concatenate([start, self._pose]))
        world.block.velocity, world.block.angular_velocity = (0.0, 0.0), 0.0
        vx, vy = (STEP / PHYSICS_DT * direction).tolist()
        poses: list[t_shape.Pose] = []
        for _ in range(int(self._max_depth / STEP)):
            world.agent.velocity = (vx, vy)
            world.space.step(PHYSICS_DT)
            x, y = world.agent_position
            if not (0 <= x <= TABLE and 0 <= y <= TABLE) and poses:
                break
            poses.append(world.block_pose)
        return np.array(poses)


def way_around(start: np.ndarray, goal: np.ndarray, pose: np.ndarray) -> list[np.ndarray]:
    """Return waypoints (2,) of the pusher from `start` to `goal` that leave the block alone.

    See `way_over_grid`; empty if there is none.
    """
    clear = AGENT_RADIUS + PASSING_GAP
    away = start
    if distance(start[None], pose)[0] < clear + 1.0:
        # Off the edge that was pushed last.
        away = start + (clear + 1.0 - distance(start[None], pose)[0]) * _outwards(start, pose)
    axis = np.arange(0, TABLE + 1, GRID, dtype=np.float64)
    return way_over_grid(axis, axis, lambda points: distance(points, pose) > clear, away, goal)


def distance(points: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Return the distances (N,) of points (N, 2) from the T at `pose` (3,); 0 inside, px."""
    local = _to_local(points, pose)
    gaps = [
        np.hypot(
            np.maximum(np.maximum(x0 - local[:, 0], local[:, 0] - x1), 0.0),
            np.maximum(np.maximum(y0 - local[:, 1], local[:, 1] - y1), 0.0),
        )
        for x0, x1, y0, y1 in t_shape.BOXES
    ]
    return np.minimum(*gaps)


def _contacts(spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points on the outline and the outward normals there, each (N, 2) in the body frame."""
    points, normals = [], []
    ends = np.roll(OUTLINE, -1, axis=0)
    for i, (a, b) in enumerate(zip(OUTLINE, ends, strict=True)):
        length = np.linalg.norm(b - a)
        along = (b - a) / length
        # In the inner corners, 3 and 6, the pusher needs room for its radius.
        low = AGENT_RADIUS + GAP + 1.0 if i in (3, 6) else 3.0
        high = length - (AGENT_RADIUS + GAP + 1.0 if (i + 1) % 8 in (3, 6) else 3.0)
        count = max(2, round((high - low) / spacing) + 1)
        for offset in np.linspace(low, high, count):
            points.append(a + offset * along)
            normals.append((along[1], -along[0]))
    return np.array(points), np.array(normals)


def _error(poses: np.ndarray) -> np.ndarray:
    """Return the mean distance (K,) of the corners of T's at `poses` (K, 3) from the goal's, px."""
    goal = _to_world(OUTLINE, np.array(GOAL_POSE))
    cos, sin = np.cos(poses[:, 2:]), np.sin(poses[:, 2:])
    x = poses[:, :1] + cos * OUTLINE[:, 0] - sin * OUTLINE[:, 1]
    y = poses[:, 1:2] + sin * OUTLINE[:, 0] + cos * OUTLINE[:, 1]
    mean: np.ndarray = np.hypot(x - goal[:, 0], y - goal[:, 1]).mean(axis=1)
    return mean


def _to_world(points: np.ndarray, pose: np.ndarray) -> np.ndarray:
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    turned: np.ndarray = points @ np.array([[cos, sin], [-sin, cos]]) + pose[:2]
    return turned


def _to_local(points: np.ndarray, pose: np.ndarray) -> np.ndarray:
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    turned: np.ndarray = (points - pose[:2]) @ np.array([[cos, -sin], [sin, cos]])
    return turned


def _outwards(point: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Return the direction (2,) in which the distance from the T grows fastest."""
    steps = np.array([(1.0, 0.0), (0.0, 1.0)])
    slope = (distance(point + steps, pose) - distance(point - steps, pose)) / 2
    unit: np.ndarray = slope / max(float(np.linalg.norm(slope)), 1e-9)
    return unit

"""The scripted expert of `PointMassEnv`: straight to the target, around what is in the way."""

from __future__ import annotations

import heapq
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.policy import Policy, next_count
from muse.envs.simple.point_mass_dynamics import first_hit

#: Points on the ring round an obstacle that a way may pass through.
_RING_POINTS = 16


class PointMassExpert(Policy):
    """Takes the shortest way through a visibility graph of rings round the obstacles.

    It reads the observations `ego`, `target` and, where there are any, `objects/position` and
    `objects/size`; it keeps no memory beyond the step count.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("ego_speed", float, 0.025, help="the environment's ego_speed", check=positive),
        Param("clearance", float, 0.01, help="distance kept from obstacles", check=positive),
    )

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 2)."""
        ego, target = obs["ego"].astype(np.float64), obs["target"].astype(np.float64)
        aim = target
        if "objects/position" in obs:
            centres = obs["objects/position"].astype(np.float64)
            radii = obs["objects/size"].astype(np.float64)
            aim = np.stack(
                [self._next_point(*row) for row in zip(ego, target, centres, radii, strict=True)]
            )
        wanted = (aim - ego) / self.params.ego_speed
        # The direction is kept where the limit of 1 shortens the step.
        wanted /= np.maximum(1.0, np.abs(wanted).max(axis=1, keepdims=True))
        return AttrDict(action=wanted.astype(np.float32)), next_count(memory)

    def _next_point(
        self, ego: np.ndarray, target: np.ndarray, centres: np.ndarray, radii: np.ndarray
    ) -> np.ndarray:
        """Return the first corner of the shortest free way from `ego` to `target`, (2,)."""
        grown = radii + 0.5 * self.params.clearance
        if _free(ego, target[None], centres, grown)[0]:
            return target
        angle = 2.0 * np.pi * np.arange(_RING_POINTS) / _RING_POINTS
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        # The chords between ring points must clear the circle as well.
        ring = (radii + self.params.clearance) / np.cos(np.pi / _RING_POINTS)
        corners = (centres[:, None] + ring[:, None, None] * circle).reshape(-1, 2)
        inside = ((corners >= 0.0) & (corners <= 1.0)).all(axis=1)
        apart = np.linalg.norm(corners[:, None] - centres, axis=-1) > grown
        nodes = np.concatenate([ego[None], corners[inside & apart.all(axis=1)], target[None]])
        way = _shortest_way(nodes, centres, grown)
        if way is None:  # hemmed in by the margins: the true radii may still leave a gap
            return target
        return nodes[way[1]]


def _free(
    start: np.ndarray, ends: np.ndarray, centres: np.ndarray, radii: np.ndarray
) -> np.ndarray:
    """Return which segments from `start` (2,) to `ends` (m, 2) meet no circle, (m,) bool."""
    m = len(ends)
    starts = np.broadcast_to(start, (m, 2))
    return (
        first_hit(starts, ends - start, np.broadcast_to(centres, (m, *centres.shape)), radii[None])
        > 1.0
    )


def _shortest_way(nodes: np.ndarray, centres: np.ndarray, radii: np.ndarray) -> list[int] | None:
    """Return the node indices from the first to the last node (Dijkstra), None if cut off."""
    goal = len(nodes) - 1
    best, before = {0: 0.0}, {0: 0}
    queue = [(0.0, 0)]
    settled: set[int] = set()
    while queue:
        cost, node = heapq.heappop(queue)
        if node in settled:
            continue
        if node == goal:
            way = [goal]
            while way[-1] != 0:
                way.append(before[way[-1]])
            return way[::-1]
        settled.add(node)
        lengths = np.linalg.norm(nodes - nodes[node], axis=1)
        free = _free(nodes[node], nodes, centres, radii)
        for other in np.flatnonzero(free & (lengths > 0.0)):
            through = cost + float(lengths[other])
            if through < best.get(int(other), np.inf):
                best[int(other)], before[int(other)] = through, node
                heapq.heappush(queue, (through, int(other)))
    return None

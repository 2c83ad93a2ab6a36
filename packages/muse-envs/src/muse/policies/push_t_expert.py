"""A scripted policy that solves `PushTEnv` by trying pushes in a simulation of its own."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.policy import Policy, next_count
from muse.envs.pymunk.push_t_world import TABLE
from muse.policies.push_t_planning import Push, PushPlanner, way_around

#: Waypoints a plan has room for: the way around the block, where a push begins and where it ends.
_ROOM = 12


class PushTExpert(Policy):
    """Look one push ahead: of the pushes square to an edge take what brings the block on fastest.

    Each push is simulated, from where it touches to `max_depth`, and stops where the corners of
    the block come closest to those of the goal for the time it takes. Then the pusher goes around
    the block to where that push begins, makes it, and looks again. It counts on the default physics
    (`damping`, `block_cog`).
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("spacing", float, 10.0, "distance of neighbouring pushes along an edge", "px",
              check=positive),
        Param("max_depth", int, 80, "farthest push", "px", check=positive),
        Param("arrival", float, 6.0, "distance at which a waypoint counts as passed", "px",
              check=positive),
        Param("precision", float, 0.4, "distance at which a push counts as made", "px",
              check=positive),
    )  # fmt: skip

    def initial_memory(self, model: Any, batch_size: int, seeds: Any = None) -> AttrDict:
        """Return the memory of B rows: the waypoints of the plan, how many and which is next."""
        memory = super().initial_memory(model, batch_size, seeds)
        memory["plan"] = np.zeros((batch_size, _ROOM, 2))
        memory["length"] = np.zeros(batch_size, np.int64)
        memory["next"] = np.zeros(batch_size, np.int64)
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 2)."""
        after = next_count(memory).leaf_apply(np.copy)
        targets = np.empty((len(memory.count), 2), np.float32)
        for row in range(len(targets)):
            agent = np.asarray(obs["agent_pos"][row], np.float64)
            self._advance(after, row, agent)
            if after.next[row] >= after.length[row]:
                self._plan(after, row, agent, np.asarray(obs["block_pose"][row], np.float64))
            targets[row] = after.plan[row, after.next[row]]
        return AttrDict(action=np.clip(targets, 0.0, float(TABLE))), after

    def _advance(self, memory: AttrDict, row: int, agent: np.ndarray) -> None:
        """Go on to the next waypoint where this one is reached."""
        while memory.next[row] < memory.length[row]:
            # The push must begin where it was simulated and end where it was to end.
            last_two = memory.next[row] >= memory.length[row] - 2
            near = self.params.precision if last_two else self.params.arrival
            if np.linalg.norm(agent - memory.plan[row, memory.next[row]]) > near:
                return
            memory.next[row] += 1

    def _plan(self, memory: AttrDict, row: int, agent: np.ndarray, pose: np.ndarray) -> None:
        """Write the next push of one row into its memory."""
        planner = PushPlanner(pose, self.params.spacing, self.params.max_depth)
        waypoints = [agent]
        for push in planner.best_first(agent):
            waypoints = _waypoints(push, agent, pose)
            if waypoints:
                break
        waypoints = waypoints[-_ROOM:]
        memory.plan[row, : len(waypoints)] = waypoints
        memory.length[row], memory.next[row] = len(waypoints), 0


def _waypoints(push: Push, agent: np.ndarray, pose: np.ndarray) -> list[np.ndarray]:
    """Return the way to the push and through it; empty where there is none."""
    way = way_around(agent, push.start, pose)
    return [*way, push.end] if way else []

"""A scripted policy that slides every block of `SliderBlockEnv2D` to its mark."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.core.policy import Policy, next_count
from muse.envs.pymunk.block_observers import MAX_GRAB
from muse.envs.pymunk.slider_block_env_2d import groove
from muse.policies.block_motion import approach, block_action, commands_of_rows

#: Distance of centres at which agent and block surely do not touch, and at which to grab, px.
CLEARANCE, REACH = 50.0, 80.0


class SliderBlockExpert(Policy):
    """Go to the block that is farthest from its mark, grab it, slide it there; then the next."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("gain", float, 3.0, "speed for each px of distance", "1/s", check=positive),
        Param("max_speed", float, 55.0, "speed far from the target", "px/s", check=positive),
        Param("closeness", float, 5.0, "distance of a block and its mark that will do", "px",
              check=positive),
        Param("slowness", float, 3.0, "speed at which a block may be let go", "px/s",
              check=positive),
    )  # fmt: skip

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, 3)."""
        command = commands_of_rows(self._command, obs, _READ)
        return block_action(self.env_spec, command[:, :2], command[:, 2]), next_count(memory)

    def _command(
        self,
        position: np.ndarray,
        blocks: np.ndarray,
        velocities: np.ndarray,
        shares: np.ndarray,
        marks: np.ndarray,
        holding: np.ndarray,
    ) -> np.ndarray:
        """Return velocity x, y and grab, (3,)."""
        width, height = (float(side) for side in self.env_spec.limits("position")[1])
        ways = [np.subtract(*groove(i, (width, height))[::-1]) for i in range(len(blocks))]
        errors = [way * (m - s) for way, m, s in zip(ways, marks, shares, strict=True)]
        nearest = int(np.argmin(np.linalg.norm(blocks - position, axis=1)))
        at_rest = np.linalg.norm(velocities[nearest]) < self.params.slowness
        if holding[0] and not (at_rest and np.linalg.norm(errors[nearest]) < self.params.closeness):
            return self._towards(errors[nearest], MAX_GRAB)
        wanted = int(np.argmax(np.linalg.norm(errors, axis=1)))
        # Letting go first: what is held is where it belongs.
        others = np.delete(blocks, wanted, axis=0)
        point = _next_point(position, blocks[wanted], others)
        close = np.linalg.norm(blocks[wanted] - position) < REACH
        return self._towards(point - position, MAX_GRAB if close and not holding[0] else 0.0)

    def _towards(self, error: np.ndarray, grab: float) -> np.ndarray:
        p = self.params
        return np.append(approach(error[None], p.gain, 0.0, p.max_speed)[0], grab)


def _next_point(position: np.ndarray, goal: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return where to head from `position` to `goal` (2,) past the `others` (m, 2)."""
    way = goal - position
    for other in others:
        share = float((other - position) @ way / (way @ way))
        gap = position + share * way - other
        aside = float(np.linalg.norm(gap))
        if not 0.0 < share < 1.0 or aside >= CLEARANCE:
            continue
        side = gap / aside if aside > 1e-6 else np.array([-way[1], way[0]]) / np.linalg.norm(way)
        if np.linalg.norm(other - position) < CLEARANCE + 5.0:
            return position + CLEARANCE * side  # right beside it: sideways first
        return np.asarray(other + 1.2 * CLEARANCE * side)
    return goal


_READ = (
    "position",
    "block_positions",
    "block_velocities",
    "block_linear_positions",
    "goal_linear_positions",
    "grab_binary",
)

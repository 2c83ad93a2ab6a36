"""Laws of motion that the scripted experts of the 2-D block family share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.spec import EnvSpec
from muse.envs.pymunk.maze import next_point

#: How far off the middle of the cells a block may be carried from one to the next, px.
CARRIED_SLACK = 8.0


def way(
    obs: AttrDict,
    starts: np.ndarray,
    goals: np.ndarray,
    env_spec: EnvSpec,
    carriers: np.ndarray | None = None,
) -> np.ndarray:
    """Return the next straight piece of the way from `starts` to `goals`, each (B, 2).

    Through the maze where there is an observation `maze`, else straight to the goals.

    Args:
        carriers: (B, 2) centre of what carries `starts`; both then keep to the middle of the cells.
    """
    if "maze" not in obs:
        return goals - starts
    width, height = (float(side) for side in env_spec.limits("position")[1])
    slack, offsets = np.inf, np.zeros_like(starts)
    if carriers is not None:
        # Agent and block move like one body, twice as long, that does not turn.
        slack, offsets = CARRIED_SLACK, (carriers - starts) / 2
    middles, ends = starts + offsets, goals + offsets
    points = [
        next_point(maze, (width, height), middle, end, slack)
        for maze, middle, end in zip(np.asarray(obs["maze"]), middles, ends, strict=True)
    ]
    return np.stack(points) - middles


def approach(error: np.ndarray, gain: float, least: float, most: float) -> np.ndarray:
    """Return the velocity (B, 2) that reduces `error` (B, 2), its speed in [least, most] px/s."""
    distance = np.maximum(np.hypot(error[:, :1], error[:, 1:]), 1e-9)
    speed = np.clip(gain * distance, least, most)
    # Never farther in one step of 0.1 s than there is to go.
    velocity: np.ndarray = error / distance * np.minimum(speed, 10.0 * distance)
    return velocity


def commands_of_rows(
    command: Callable[..., np.ndarray], obs: AttrDict, names: Sequence[str]
) -> np.ndarray:
    """Return (B, 3) velocities and grabs: `command` called with the observations of each row."""
    columns = [np.asarray(obs[name], np.float64) for name in names]
    return np.array([command(*row) for row in zip(*columns, strict=True)])


def block_action(env_spec: EnvSpec, velocity: np.ndarray, grab: np.ndarray) -> AttrDict:
    """Return the action of velocities (B, 2) and grabs (B,), within the limits of the spec."""
    low, high = env_spec.limits("action")
    action = np.concatenate([velocity, grab[:, None]], axis=1)
    return AttrDict(action=np.clip(action, low, high).astype(env_spec.dtype("action")))

"""The state of B point masses and its dynamics, in one array each: the same for one row or many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.counter_random import uniform
from muse.envs.simple.point_mass_dynamics import flee_heading, move, rotate

#: `target_speed` is given in these parts of the square a step.
TARGET_SPEED_UNIT = 0.01
#: Draws before an obstacle-free start is given up.
_MAX_DRAWS = 1000
#: What a row's random numbers are for; each kind is a stream of its own.
_STEP, _OBSTACLES, _EGO, _TARGET = range(4)
#: Arrays that, with the drawn numbers' `seed` and `count`, are all there is to a row.
_STATE = ("ego", "target", "centres", "sizes", "steps", "reached", "seed", "count")

Rows = Any  # (n,) int64 indices, or a slice: what numpy takes


class PointMassWorld:
    """B rows that know nothing of each other.

    A row's random numbers are a function of its seed and of how often it drew (see
    `counter_random`), so an episode is the same, bit for bit, alone and in any batch.

    Args:
        params: of `PointMassEnv`.
        rows: B.
        seeds: (B,) what rows draw from that are reset without a seed.

    Attributes:
        ego, target: (B, 2) float64 in the unit square.
        centres, sizes: (B, n, 2) and (B, n), the obstacles and their radii.
        steps: (B,) int64, steps of the running episode.
        reached: (B,) bool, whether the ego has come to the target.
    """

    def __init__(self, params: AttrDict, rows: int, seeds: np.ndarray) -> None:
        n = params.num_obstacles
        self._params = params
        self._radii = finite_array(
            "obstacle_radii", params.obstacle_radii or [0.05] * n, (n,), PARAMETER
        )
        self._initial = {
            "ego": _optional("initial_obs", params.initial_obs, (2,), PARAMETER),
            "target": _optional("initial_target", params.initial_target, (2,), PARAMETER),
            "objects/position": _optional(
                "initial_obstacle_positions", params.initial_obstacle_positions, (n, 2), PARAMETER
            ),
        }
        low, high = finite_array("obstacle_bounds", params.obstacle_bounds, (2,), PARAMETER)
        if not 0.0 <= low <= high <= 1.0:
            raise EnvError(
                f"PointMassEnv: obstacle_bounds={params.obstacle_bounds} must rise within 0..1"
            )
        self._low, self._span = low, high - low
        self.ego, self.target = np.zeros((rows, 2)), np.zeros((rows, 2))
        self.centres = np.zeros((rows, n, 2))
        self.sizes = np.tile(self._radii, (rows, 1))
        self.steps = np.zeros(rows, np.int64)
        self.reached = np.zeros(rows, bool)
        self.seed = np.asarray(seeds, np.int64)
        self.count = np.zeros(rows, np.int64)

    def reset(
        self,
        rows: np.ndarray,
        seeds: Sequence[int] | None,
        presets: Sequence[AttrDict] | None = None,
    ) -> None:
        """Begin episodes.

        Args:
            rows: (k,) indices.
            seeds: B of them; None to go on with the rows' streams.
            presets: B of them; None for none.
        """
        if seeds is not None:
            self.seed[rows] = np.asarray(seeds, np.int64)[rows]
            self.count[rows] = 0
        self.steps[rows], self.reached[rows] = 0, False
        self.sizes[rows] = self._radii
        n = len(self._radii)
        self._preset(self.sizes, "objects/size", (n,), rows, presets)
        free = self._preset(self.centres, "objects/position", (n, 2), rows, presets)
        if n and len(free):
            drawn = self._draw(free, 2 * n, _OBSTACLES).reshape(-1, n, 2)
            self.centres[free] = self._low + self._span * drawn
        for name, points, stream in (("ego", self.ego, _EGO), ("target", self.target, _TARGET)):
            free = self._preset(points, name, (2,), rows, presets)
            self._refuse_outside(name, points, np.setdiff1d(rows, free))
            self._place(points, free, stream, name)

    def step(self, action: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Move the given rows.

        Args:
            action: (k, 2) float32 in -1..1.
            rows: k indices, or a slice over all.

        Returns:
            (reward (k,), terminated (k,) bool, truncated (k,) bool).
        """
        p = self._params
        before, centres, sizes = self.ego[rows], self.centres[rows], self.sizes[rows]
        wanted = p.ego_speed * action.astype(np.float64)
        drawn = self._draw_step(rows)
        if p.theta_noise_std > 0:
            wanted = rotate(wanted, p.theta_noise_std * _normal(drawn[:, 2:4])[:, 0])
        if p.noise_std > 0:
            wanted = wanted + p.noise_std * _normal(drawn[:, 4:6])
        ego, hit = move(before, wanted, centres, sizes)
        target = self.target[rows]
        reached = _distance(ego, target) <= p.tolerance
        if p.target_speed > 0:
            heading = flee_heading(ego, target, ego - before, drawn[:, 0], drawn[:, 1])
            run = TARGET_SPEED_UNIT * p.target_speed * heading
            fled, _ = move(target, run, centres, sizes)
            target = np.where(reached[:, None], target, fled)
            self.target[rows] = target
        self.ego[rows], self.reached[rows] = ego, reached
        self.steps[rows] += 1
        failed = hit & ~reached if p.sparse_reward else np.zeros_like(reached)
        reward = reached * 1.0 - failed if p.sparse_reward else -_distance(ego, target)
        terminated = reached | failed
        return reward, terminated, ~terminated & (self.steps[rows] >= p.num_steps)

    def observe(self) -> AttrDict:
        """Return fresh observations of all rows, leaves (B, ...) float32."""
        obs = AttrDict(ego=self.ego.astype(np.float32), target=self.target.astype(np.float32))
        if len(self._radii):
            obs["objects/position"] = self.centres.astype(np.float32)
            obs["objects/size"] = self.sizes.astype(np.float32)
        return obs

    def state(self) -> AttrDict:
        """Return copies of all there is to the rows."""
        return AttrDict((name, getattr(self, name).copy()) for name in _STATE)

    def restore(self, state: AttrDict) -> None:
        """Go back to what `state` gave."""
        for name in _STATE:
            getattr(self, name)[...] = state[name]

    # ---- drawing and placing -----------------------------------------------------------------

    def _draw(self, rows: Rows, numbers: int, stream: int) -> np.ndarray:
        """Draw (k, numbers) uniform in [0, 1)."""
        drawn = uniform(self.seed[rows], self.count[rows], numbers, stream)
        self.count[rows] += 1
        return drawn

    def _draw_step(self, rows: Rows) -> np.ndarray:
        """Draw what a step needs: chance and turn of the target, then the two noises."""
        p = self._params
        numbers = 6 if p.noise_std > 0 else 4 if p.theta_noise_std > 0 else 2
        if numbers == 2 and p.target_speed == 0:
            return np.empty((0, 0))
        return self._draw(rows, numbers, _STEP)

    def _preset(
        self,
        array: np.ndarray,
        name: str,
        shape: tuple[int, ...],
        rows: np.ndarray,
        presets: Sequence[AttrDict] | None,
    ) -> np.ndarray:
        """Write presets and initial values into `array`; return the rows left to draw."""
        initial = self._initial.get(name)
        if initial is not None:
            array[rows] = initial
        given = [] if presets is None else [r for r in rows.tolist() if name in presets[r]]
        for row in given:
            assert presets is not None
            value = np.asarray(presets[row][name])
            value = value[0] if value.shape == (1, *shape) else value
            array[row] = finite_array(name, value, shape, "preset ")
        if initial is not None:
            return rows[:0]
        return np.setdiff1d(rows, given) if given else rows

    def _refuse_outside(self, name: str, points: np.ndarray, rows: np.ndarray) -> None:
        given = points[rows]
        outside = ((given < 0.0) | (given > 1.0)).any(axis=1)
        if outside.any():
            point = given[outside][0].tolist()
            raise EnvError(f"PointMassEnv: {name}={point} is outside the square 0..1")

    def _place(self, points: np.ndarray, rows: np.ndarray, stream: int, name: str) -> None:
        """Draw points outside all obstacles, again and again where one lies within."""
        for _ in range(_MAX_DRAWS):
            if not len(rows):
                return
            points[rows] = self._draw(rows, 2, stream)
            offset = self.centres[rows] - points[rows][:, None]
            near = _distance(offset, np.zeros(2)) <= self.sizes[rows] + 0.02
            rows = rows[near.any(axis=1)]
        raise EnvError(
            f"PointMassEnv: the obstacles leave no room for {name}; use fewer or smaller"
        )


#: How `finite_array` calls a parameter: by its bare name.
PARAMETER = ""


def finite_array(name: str, value: Any, shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Return a fresh float64 array, or refuse `kind` + `name` that is not finite or misshapen."""
    array = np.array(value, np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise EnvError(
            f"PointMassEnv: {kind}{name}={value!r} must be finite numbers of shape {shape}"
        )
    return array


def _optional(name: str, value: Any, shape: tuple[int, ...], kind: str) -> np.ndarray | None:
    return None if value is None else finite_array(name, value, shape, kind)


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    way = a - b
    distance: np.ndarray = np.hypot(way[..., 0], way[..., 1])
    return distance


def _normal(drawn: np.ndarray) -> np.ndarray:
    """Box and Muller (1958): two uniform numbers (k, 2) as two normal ones."""
    radius = np.sqrt(-2.0 * np.log1p(-drawn[:, 0]))
    angle = 2.0 * np.pi * drawn[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)

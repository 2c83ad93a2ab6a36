"""A point in the unit square that has to reach a target, which may flee, among obstacles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, non_negative, positive
from muse.core.spec import EnvSpec, ParamEnvSpec
from muse.envs.drawing import canvas, draw_disc, to_uint8
from muse.envs.env import Env, Goal, Observation
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.simple.point_mass_dynamics import flee_heading, move, rotate

#: `target_speed` is given in these parts of the square a step.
TARGET_SPEED_UNIT = 0.01
#: Draws before an obstacle-free start is given up.
_MAX_DRAWS = 1000

_EGO_COLOUR, _TARGET_COLOUR, _OBSTACLE_COLOUR = (31, 119, 180), (44, 160, 44), (127, 127, 127)


class PointMassEnv(Env):
    """Reach the target: `ego` moves by `ego_speed * action`, `target` runs from it.

    Observations `ego` (1, 2) and `target` (1, 2), with obstacles also `objects/position` (1, n, 2)
    and `objects/size` (1, n), their radii. Reaching is judged where the ego arrives, before the
    target runs on. With `sparse_reward` the reward is 1 on reaching, -1 on hitting an obstacle,
    which ends the episode too, else 0; without it the reward is minus the distance.

    Presets: `ego`, `target`, `objects/position`, `objects/size`, with or without the batch
    dimension.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_steps", int, 100, help="episode length", unit="steps", check=positive),
        Param("noise_std", float, 0.0, help="noise on the position", check=non_negative),
        Param(
            "theta_noise_std",
            float,
            0.0,
            help="noise on the direction of the action",
            unit="rad",
            check=non_negative,
        ),
        Param(
            "target_speed",
            float,
            0.0125,
            help="how far the target runs in a step",
            unit="hundredths of the square",
            check=non_negative,
        ),
        Param("ego_speed", float, 0.025, help="length of a step at action 1", check=positive),
        Param("tolerance", float, 0.01, help="distance that counts as reached", check=positive),
        Param("sparse_reward", bool, False, help="reward 1 on reaching, -1 on an obstacle"),
        Param("num_obstacles", int, 0, help="circles in the way", check=non_negative),
        Param("obstacle_bounds", list[float], [0.25, 0.75], help="where circles may lie"),
        Param("obstacle_radii", list[float] | None, None, help="one each; None: 0.05"),
        Param("obstacle_face_colors", list | None, None, help="one (r, g, b) 0..255 each"),
        Param("initial_obs", Any, None, help="where the ego starts; None: drawn"),
        Param("initial_target", Any, None, help="where the target starts; None: drawn"),
        Param("initial_obstacle_positions", Any, None, help="(n, 2); None: drawn"),
        Param("image_size", int, 128, help="side of a rendered picture", unit="pixels"),
    )
    preset_names = ("ego", "target", "objects/position", "objects/size")
    success_rule = "the ego came within `tolerance` of the target"

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        p = self.params
        self._radii = _array(
            "obstacle_radii", p.obstacle_radii or [0.05] * p.num_obstacles, (p.num_obstacles,)
        )
        self._initial = {
            "ego": _optional("initial_obs", p.initial_obs, (2,)),
            "target": _optional("initial_target", p.initial_target, (2,)),
            "objects/position": _optional(
                "initial_obstacle_positions", p.initial_obstacle_positions, (p.num_obstacles, 2)
            ),
        }
        low, high = _array("obstacle_bounds", p.obstacle_bounds, (2,))
        if not 0.0 <= low <= high <= 1.0:
            raise EnvError(
                f"PointMassEnv: obstacle_bounds={p.obstacle_bounds} must rise within 0..1"
            )
        self._bounds = (low, high)
        self._ego = self._target = np.zeros((1, 2))
        self._centres = np.zeros((1, p.num_obstacles, 2))
        self._sizes = self._radii[None]
        self._reached = False
        self._steps = 0

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec: obstacles appear in it when there are any."""
        n = env_params["num_obstacles"]
        rows: list[tuple[Any, ...]] = [
            ("ego", (2,), (0.0, 1.0), np.float32),
            ("target", (2,), (0.0, 1.0), np.float32),
            ("action", (2,), (-1.0, 1.0), np.float32),
            *output_rows(),
        ]
        observations, params = ["ego", "target"], []
        if n:
            rows.append(("objects/position", (n, 2), (0.0, 1.0), np.float32))
            rows.append(("objects/size", (n,), (0.0, 1.0), np.float32))
            observations.append("objects/position")
            params.append("objects/size")
        return AttrDict(
            cls=ParamEnvSpec,
            names_shapes_limits_dtypes=rows,
            observation_names=observations,
            output_observation_names=list(OUTPUT_NAMES),
            action_names=["action"],
            goal_names=[],
            param_names=params,
        )

    def is_success(self) -> np.ndarray:
        """Return whether the target was reached, (1,) bool."""
        return np.array([self._reached])

    def render(self) -> np.ndarray:
        """Return the square seen from above, y upwards, (H, W, 3) uint8."""
        size = self.params.image_size
        picture = canvas(size, size)
        colours = self.params.obstacle_face_colors or [_OBSTACLE_COLOUR] * len(self._radii)
        for centre, radius, colour in zip(self._centres[0], self._sizes[0], colours, strict=True):
            draw_disc(picture, self._pixel(centre), radius * size, tuple(colour))
        draw_disc(picture, self._pixel(self._target[0]), 0.025 * size, _TARGET_COLOUR)
        draw_disc(picture, self._pixel(self._ego[0]), 0.02 * size, _EGO_COLOUR)
        return to_uint8(picture)

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        n = self.params.num_obstacles
        self._steps, self._reached = 0, False
        sizes = _preset(presets, "objects/size", (n,))
        self._sizes = (self._radii if sizes is None else sizes)[None]
        self._centres = self._place_obstacles(presets, n)[None]
        self._ego = self._place_point(presets, "ego")[None]
        self._target = self._place_point(presets, "target")[None]
        return self._observe() & self.outputs(), AttrDict()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        p = self.params
        wanted = p.ego_speed * action["action"].astype(np.float64)
        if p.theta_noise_std > 0:
            wanted = rotate(wanted, self.rng.normal(0.0, p.theta_noise_std, 1))
        if p.noise_std > 0:
            wanted = wanted + self.rng.normal(0.0, p.noise_std, (1, 2))
        before = self._ego
        self._ego, hit = move(before, wanted, self._centres, self._sizes)
        self._steps += 1
        self._reached = self._distance() <= p.tolerance
        if p.target_speed > 0 and not self._reached:
            self._run_target(self._ego - before)
        failed = p.sparse_reward and bool(hit[0]) and not self._reached
        if p.sparse_reward:
            reward = 1.0 if self._reached else -1.0 if failed else 0.0
        else:
            reward = -self._distance()
        terminated = self._reached or failed
        truncated = not terminated and self._steps >= p.num_steps
        obs = self._observe()
        obs.combine(self.outputs(reward, terminated, truncated))
        return obs, AttrDict(), np.array([terminated or truncated])

    def _run_target(self, ego_step: np.ndarray) -> None:
        chance, turn = self.rng.random((2, 1))
        heading = flee_heading(self._ego, self._target, ego_step, chance, turn)
        run = TARGET_SPEED_UNIT * self.params.target_speed * heading
        self._target, _ = move(self._target, run, self._centres, self._sizes)

    def _distance(self) -> float:
        x, y = (self._ego - self._target)[0].tolist()
        return math.hypot(x, y)

    def _observe(self) -> Observation:
        obs = AttrDict(ego=self._ego.astype(np.float32), target=self._target.astype(np.float32))
        if self.params.num_obstacles:
            obs["objects/position"] = self._centres.astype(np.float32)
            obs["objects/size"] = self._sizes.astype(np.float32)
        return obs

    def _place_obstacles(self, presets: AttrDict, n: int) -> np.ndarray:
        given = _preset(presets, "objects/position", (n, 2))
        if given is None:
            given = self._initial["objects/position"]
        return self.rng.uniform(*self._bounds, (n, 2)) if given is None else given.copy()

    def _place_point(self, presets: AttrDict, name: str) -> np.ndarray:
        given = _preset(presets, name, (2,))
        if given is None:
            given = self._initial[name]
        if given is not None:
            if ((given < 0.0) | (given > 1.0)).any():
                raise EnvError(f"PointMassEnv: {name}={given.tolist()} is outside the square 0..1")
            return given.copy()
        for _ in range(_MAX_DRAWS):
            point = self.rng.uniform(0.0, 1.0, 2)
            away = np.linalg.norm(self._centres[0] - point, axis=1) > self._sizes[0] + 0.02
            if away.all():
                return point
        raise EnvError(
            f"PointMassEnv: the obstacles leave no room for {name}; use fewer or smaller"
        )

    def _pixel(self, point: np.ndarray) -> tuple[float, float]:
        size = self.params.image_size
        return float(point[0]) * size, (1.0 - float(point[1])) * size


def _preset(presets: AttrDict, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
    value = presets.get(name)
    if value is not None and np.shape(value) == (1, *shape):
        value = np.asarray(value)[0]
    return _optional(f"preset {name}", value, shape)


def _optional(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    return None if value is None else _array(name, value, shape)


def _array(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = np.array(value, np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise EnvError(f"PointMassEnv: {name}={value!r} must be finite numbers of shape {shape}")
    return array

"""A point in the unit square that has to reach a target, which may flee, among obstacles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, non_negative, positive
from muse.core.spec import EnvSpec, ParamEnvSpec
from muse.envs.env import Env, Goal, Observation
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.simple.point_mass_picture import picture_of
from muse.envs.simple.point_mass_world import PointMassWorld
from muse.envs.teleop.user_input import UserInput


class PointMassEnv(Env):
    """Reach the target: `ego` moves by `ego_speed * action`, `target` runs from it.

    Observations `ego` (1, 2) and `target` (1, 2), with obstacles also `objects/position` (1, n, 2)
    and `objects/size` (1, n), their radii; with `image_obs` the picture of `render()`, `image`
    (1, S, S, 3) uint8. Reaching is judged where the ego arrives, before the
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
        Param("image_obs", bool, False, help="give the observation `image`"),
        Param("image_size", int, 128, help="side of pictures", unit="pixels", check=positive),
    )
    preset_names = ("ego", "target", "objects/position", "objects/size")
    saves_state = True
    teleop_keys: ClassVar[Mapping[str, str]] = {
        "left": "move left",
        "right": "move right",
        "up": "move up",
        "down": "move down",
        "mouse": "hold the left button: move towards the pointer",
    }
    success_rule = "the ego came within `tolerance` of the target"

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._world = PointMassWorld(self.params, 1, self.rng.integers(0, 2**62, 1))

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
        if env_params["image_obs"]:
            size = env_params["image_size"]
            rows.append(("image", (size, size, 3), (0, 255), np.uint8))
            observations.append("image")
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
        return self._world.reached.copy()

    def render(self) -> np.ndarray:
        """Return the square seen from above, y upwards, (H, W, 3) uint8."""
        return picture_of(self._world, 0, self.params)

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action (1, 2) towards the pointer while it is held, else along the keys."""
        if user_input.is_button_down() and user_input.pointer is not None:
            x, y = user_input.pointer
            wanted = (np.array([[x, 1.0 - y]]) - obs["ego"]) / self.params.ego_speed
            # The direction is kept where the limit of 1 shortens the step.
            wanted /= np.maximum(1.0, np.abs(wanted).max())
        else:
            held = [user_input.is_down(key) for key in ("left", "right", "down", "up")]
            wanted = np.array([[held[1] - held[0], held[3] - held[2]]], np.float64)
        return AttrDict(action=wanted.astype(np.float32))

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        seeds = None if self.reset_seed is None else [self.reset_seed]
        self._world.reset(np.zeros(1, np.int64), seeds, [presets])
        return self._observe(self.outputs()), AttrDict()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        reward, terminated, truncated = self._world.step(action["action"], slice(None))
        outputs = self.outputs(reward[0], terminated[0], truncated[0])
        return self._observe(outputs), AttrDict(), terminated | truncated

    def _save_state(self) -> AttrDict:
        return self._world.state()

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        self._world.restore(state)
        return self._observe(self.outputs()), AttrDict()

    def _observe(self, outputs: AttrDict) -> Observation:
        obs = self._world.observe()
        if self.params.image_obs:
            obs["image"] = self.render()[None]
        obs.combine(outputs)
        return obs

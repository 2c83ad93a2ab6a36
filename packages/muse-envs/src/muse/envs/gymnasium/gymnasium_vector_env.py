"""Any vectorised Muse environment as a `gymnasium.vector.VectorEnv`."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.errors import MissingExtraError
from muse.envs.gymnasium.gymnasium_env import action_space, observation_space, with_goal
from muse.envs.vector.vector_env import VectorEnv

try:
    from gymnasium.vector import AutoresetMode
    from gymnasium.vector import VectorEnv as GymVectorEnv
    from gymnasium.vector.utils import batch_space
except ImportError as error:
    raise MissingExtraError("muse.envs.gymnasium", "muse-envs", "gym") from error


class GymnasiumVectorEnv(GymVectorEnv):
    """A vectorised Muse environment behind gymnasium's interface; see `GymnasiumEnv`.

    With `auto_reset` it is of gymnasium's mode SAME_STEP: `info["final_obs"]` holds what the step
    led to, valid where `info["_final_obs"]`. Without, it is of mode DISABLED: reset single rows by
    `reset(options={"reset_mask": mask})`. Other options are presets.

    Args:
        env: closed with this object.
        render_mode: "rgb_array" for pictures of all rows from `render()`, or None.
    """

    def __init__(self, env: VectorEnv, render_mode: str | None = None) -> None:
        self.env = env
        self.num_envs = env.num_envs
        self.render_mode = render_mode
        mode = AutoresetMode.SAME_STEP if env.params.auto_reset else AutoresetMode.DISABLED
        self.metadata = {
            "render_modes": ["rgb_array"],
            "render_fps": 10,
            "autoreset_mode": mode,
        }
        self._observations = observation_space(env.env_spec)
        self._actions = action_space(env.env_spec)
        self.single_observation_space = self._observations.space
        self.single_action_space = self._actions.space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def reset(
        self,
        *,
        seed: int | list[int] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode in every row, or in those of `options["reset_mask"]` (N,) bool."""
        presets = dict(options or {})
        mask = presets.pop("reset_mask", None)
        rows = np.ones(self.num_envs, bool) if mask is None else np.asarray(mask, bool)
        super().reset(seed=seed if isinstance(seed, int) else None)
        if seed is None:
            obs, goal = self.env.begin(rows, None, presets or None)
        else:
            seeds = [seed + row for row in range(self.num_envs)] if isinstance(seed, int) else seed
            obs, goal = self.env.reset_where(rows, seeds, presets or None)
        return self._observations.rows(with_goal(obs, goal)), self._info(self.env.failed)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Apply a value of `action_space` to all rows."""
        action = self._actions.batch(actions, self.num_envs)
        obs, goal, done = self.env.step(action)
        info = self._info(done)
        if self.env.params.auto_reset and done.any():
            final = with_goal(self.env.final_obs, self.env.final_goal)
            rows = [
                self._observations.row(final, row) if end else None for row, end in enumerate(done)
            ]
            info["final_obs"] = np.array([None] * self.num_envs, object)
            info["final_obs"][:] = rows
            info["_final_obs"] = done
        flags = (obs[name][:, 0] for name in ("terminated", "truncated"))
        reward = obs["reward"][:, 0].astype(np.float64)
        return self._observations.rows(with_goal(obs, goal)), reward, *flags, info

    def render(self) -> np.ndarray | None:
        """Return the pictures of all rows in one grid, (H, W, 3) uint8, with "rgb_array"."""
        return self.env.render() if self.render_mode == "rgb_array" else None

    def close_extras(self, **kwargs: Any) -> None:
        """Close the Muse environment."""
        self.env.close()

    def _info(self, done: np.ndarray) -> dict[str, Any]:
        info: dict[str, Any] = {"failed": self.env.failed}
        if done.any():  # asking worker processes in every step would cost more than the step
            info |= {"is_success": self.env.is_success(), "score": self.env.score()}
        return info

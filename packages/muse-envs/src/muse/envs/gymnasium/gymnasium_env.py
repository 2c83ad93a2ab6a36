"""Any Muse environment as a `gymnasium.Env`."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, MissingExtraError
from muse.core.spec import EnvSpec
from muse.envs.env import Env
from muse.envs.gymnasium.spec_space import SpecSpace

try:
    import gymnasium
except ImportError as error:
    raise MissingExtraError("muse.envs.gymnasium", "muse-envs", "gym") from error


class GymnasiumEnv(gymnasium.Env):
    """A single Muse environment behind gymnasium's interface.

    Observations are those of the spec and, as `goal/<name>`, its goals; a lone one is given as it
    is, several as a Dict. `reset(options=...)` takes presets. `info` holds `is_success`, `score`
    and `failed`: True where a broken simulator truncated the episode, whose data is worthless.

    Args:
        env: with B = 1; closed with this object.
        render_mode: "rgb_array" for pictures from `render()`, or None.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, env: Env, render_mode: str | None = None) -> None:
        if env.num_envs != 1:
            raise EnvError("GymnasiumEnv takes a single environment; see GymnasiumVectorEnv")
        self.env = env
        self.render_mode = render_mode
        self._observations = observation_space(env.env_spec)
        self._actions = action_space(env.env_spec)
        self.observation_space = self._observations.space
        self.action_space = self._actions.space

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; `options` are presets."""
        super().reset(seed=seed)
        if seed is not None:
            self.env.seed(seed)
        obs, goal = self.env.reset(options)
        return self._observations.row(with_goal(obs, goal)), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Apply a value of `action_space`."""
        obs, goal, _ = self.env.step(self._actions.batch(action, 1))
        return (
            self._observations.row(with_goal(obs, goal)),
            float(obs["reward"].item()),
            bool(obs["terminated"].item()),
            bool(obs["truncated"].item()),
            self._info(),
        )

    def render(self) -> np.ndarray | None:
        """Return the picture, (H, W, 3) uint8 RGB, with render_mode="rgb_array"."""
        return self.env.render() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Close the Muse environment."""
        self.env.close()

    def _info(self) -> dict[str, Any]:
        failed = bool(self.env.failed[0])
        return {
            "is_success": not failed and bool(self.env.is_success()[0]),
            "score": 0.0 if failed else float(self.env.score()[0]),
            "failed": failed,
        }


def observation_space(env_spec: EnvSpec) -> SpecSpace:
    """The space of the observations and, as `goal/<name>`, of the goals."""
    observed = {name: name for name in env_spec.observation_names}
    return SpecSpace(env_spec, observed | {f"goal/{name}": name for name in env_spec.goal_names})


def action_space(env_spec: EnvSpec) -> SpecSpace:
    """The space of the actions."""
    return SpecSpace(env_spec, {name: name for name in env_spec.action_names})


def with_goal(obs: AttrDict, goal: AttrDict) -> AttrDict:
    """The observations with the goals under `goal/`."""
    return obs if goal.is_empty() else obs & AttrDict(goal=goal)

"""The base of wrappers: an environment that hands everything on to the one inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param
from muse.core.spec import EnvSpec
from muse.envs.env import Env, Goal, Observation, make
from muse.envs.simulator_error import SimulatorError
from muse.envs.spec_building import build_spec
from muse.envs.teleop.user_input import UserInput
from muse.envs.vector.vector_env import row_class

#: Tells a wrapper's random stream from that of the environment inside, which has the same seed.
_STREAM = 1


class Wrapper(Env):
    """A single environment around another one.

    A subclass overrides `wrap_spec` and what it changes of `_before` (the action on its way in) and
    `_after` (the observation on its way out). To vectorise, wrap the rows: the group `env` of a
    `VectorEnv` may be a wrapper, that of a wrapper may not be a `VectorEnv`.

    Args:
        params: the group `env` of what is inside, and the wrapper's own.
        env_spec: the spec of the whole.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("env", AttrDict, help="what is wrapped: cls and its parameters"),
    )

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self.inner = make(self.params.env)
        if self.inner.num_envs != 1:
            raise EnvError(
                f"{type(self).__name__} wraps a single environment, got "
                f"{type(self.inner).__name__} with {self.inner.num_envs} rows; wrap the rows and "
                "vectorise the wrapper"
            )

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec of what is inside; wrappers that change it say how."""
        return inner_spec(env_params).params

    @property
    def preset_names(self) -> tuple[str, ...] | None:  # type: ignore[override]
        """The presets of what is inside."""
        return self.inner.preset_names

    @property
    def success_rule(self) -> str:  # type: ignore[override]
        """The rule of what is inside."""
        return self.inner.success_rule

    @property
    def saves_state(self) -> bool:  # type: ignore[override]
        """Whether what is inside saves its state."""
        return self.inner.saves_state

    @property
    def teleop_keys(self) -> Mapping[str, str]:  # type: ignore[override]
        """The keys of what is inside."""
        return self.inner.teleop_keys

    def is_success(self) -> np.ndarray:
        """Return the success of what is inside, (1,) bool."""
        return self.inner.is_success()

    def score(self) -> np.ndarray:
        """Return the score of what is inside, (1,) float."""
        return self.inner.score()

    def render(self) -> np.ndarray:
        """Return the picture of what is inside, (H, W, 3) uint8."""
        return self.inner.render()

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action a person asks for of what is inside."""
        return self.inner.teleop_action(user_input, obs)

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        if self.reset_seed is not None:
            self.inner.seed(self.reset_seed)
            self.rng = np.random.default_rng([self.reset_seed, _STREAM])
        obs, goal = self.inner.reset(presets)
        return self._after(obs, first=True), goal

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        obs, goal, done = self.inner.step(self._before(action))
        if self.inner.failed[0]:
            raise SimulatorError(f"{type(self.inner).__name__} failed")
        return self._after(obs, first=False), goal, done

    def _save_state(self) -> AttrDict:
        return AttrDict(inner=self.inner.save_state())

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        obs = self.inner.restore_state(state["inner"])
        return self._after(obs, first=True), self.inner._last_good[1]

    def _close(self) -> None:
        self.inner.close()

    def _before(self, action: AttrDict) -> AttrDict:
        """Return the action for what is inside."""
        return action

    def _after(self, obs: Observation, first: bool) -> Observation:
        """Return the observation of the whole; `first` of an episode, or after a restored state."""
        return obs


def inner_spec(env_params: AttrDict) -> EnvSpec:
    """Return the default spec of the environment in the group `env`."""
    cls, params = row_class(env_params["env"])
    return build_spec(cls.get_default_env_spec_params(cls.resolve_params(params)))

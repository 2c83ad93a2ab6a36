"""`TeleopPolicy`: a person as a policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.policy import Policy
from muse.core.spec import EnvSpec
from muse.envs.env import Env
from muse.envs.teleop.user_input import UserInput


class TeleopPolicy(Policy):
    """Acts by what a person holds down, polled once a step.

    Args:
        params: none.
        env_spec: as for every policy.
        file_manager: not needed.
        env: the environment, which says what the keys mean; of one row.
        user_input: the devices; None: those of the environment (`user_input_reset`).
        watch: called as `watch(obs, memory)` before each poll, to show the person what is going on.

    Raises:
        EnvError: the environment has no teleoperation or several rows, or there are no devices.
    """

    def __init__(
        self,
        params: Mapping[str, Any] | None,
        env_spec: EnvSpec,
        file_manager: Any = None,
        env: Env | None = None,
        user_input: UserInput | None = None,
        watch: Callable[[AttrDict, AttrDict], None] | None = None,
    ) -> None:
        super().__init__(params, env_spec, file_manager, env)
        if env is None:
            raise EnvError("TeleopPolicy: env is missing; it says what the keys mean")
        refuse_without_teleop(env)
        found = env.user_input if user_input is None else user_input
        if found is None:
            raise EnvError(
                "TeleopPolicy: there is nothing to read keys from; give user_input, such as a "
                "muse.envs.teleop.TeleopWindow"
            )
        self.user_input: UserInput = found
        self._watch = watch
        self._forward = env.get_default_teleop_model_forward_fn(found)

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return the action (1, ...) that the person asks for."""
        if self._watch is not None:
            self._watch(obs, memory)
        return self._forward(model, obs, goal, memory)

    def is_terminated(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> np.ndarray:
        """Return whether the person has asked to end the episode, (1,) bool."""
        return np.array([self.user_input.wants_end])


def refuse_without_teleop(env: Env) -> None:
    """Raise EnvError unless a person can drive `env`."""
    name = type(env).__name__
    if env.num_envs != 1:
        raise EnvError(f"{name} has {env.num_envs} rows; a person drives an environment of one")
    if not env.teleop_keys:
        raise EnvError(f"{name} has no teleoperation (teleop_keys, teleop_action)")

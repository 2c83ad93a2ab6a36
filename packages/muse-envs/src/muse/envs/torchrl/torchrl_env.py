"""Any Muse environment as a TorchRL environment."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, MissingExtraError
from muse.envs.env import Env, Goal, Observation
from muse.envs.torchrl.torchrl_spec import composite, key_of, nested

try:
    import torch
    from tensordict import TensorDict, TensorDictBase

    from torchrl.data import Binary, Unbounded
    from torchrl.envs import EnvBase
except ImportError as error:
    raise MissingExtraError("muse.envs.torchrl", "muse-envs", "torchrl") from error

_ENDS = ("done", "terminated", "truncated")


def to_torchrl(env: Env) -> TorchrlEnv:
    """Return `env` for TorchRL: its ParallelEnv, transforms, collectors and losses."""
    return TorchrlEnv(env)


class TorchrlEnv(EnvBase):
    """A Muse environment behind TorchRL's interface.

    Its batch size is () for a single environment and [N] for a vectorised one, whose rows TorchRL
    resets as they end. A path `objects/size` is the nested key ("objects", "size"); goals are under
    "goal"; `failed` (*batch, 1) bool says that a broken simulator truncated the episode.

    Args:
        env: closed with this object; a vectorised one without `auto_reset`.
    """

    def __init__(self, env: Env) -> None:
        if env.params.get("auto_reset"):
            raise EnvError("to_torchrl: TorchRL resets the rows itself; use auto_reset=False")
        batch = () if env.num_envs == 1 else (env.num_envs,)
        super().__init__(device=torch.device("cpu"), batch_size=torch.Size(batch))
        self._env, self._rows = env, env.num_envs
        spec = env.env_spec
        self._observed = {
            name: key_of(name) for name in (*spec.observation_names, *spec.param_names)
        }
        self._goals = {name: key_of(name, "goal") for name in spec.goal_names}
        self._actions = {name: key_of(name) for name in spec.action_names}
        flag = Binary(n=1, shape=(*batch, 1), dtype=torch.bool)
        self.observation_spec = nested(
            composite(spec, self._observed, batch)
            | composite(spec, self._goals, batch, "goal")
            | {("failed",): flag},
            batch,
        )
        self.action_spec = nested(composite(spec, self._actions, batch), batch)
        self.reward_spec = Unbounded(shape=(*batch, 1), dtype=torch.float32)
        self.done_spec = nested({(name,): flag.clone() for name in _ENDS}, batch)

    @property
    def muse(self) -> Env:
        """The Muse environment inside."""
        return self._env

    def close(self, *, raise_if_closed: bool = True) -> None:
        """Close the Muse environment."""
        super().close(raise_if_closed=raise_if_closed)
        self._env.close()

    def _reset(self, tensordict: TensorDictBase | None = None, **kwargs: Any) -> TensorDictBase:
        mask = None if tensordict is None else tensordict.get("_reset", None)
        if mask is None or self._rows == 1:
            obs, goal = self._env.reset()
        else:
            obs, goal = self._env.begin(mask.reshape(-1).numpy(), None)  # type: ignore[attr-defined]
        running = np.zeros(self._rows, bool)
        return self._given(obs, goal, dict.fromkeys(_ENDS, running))

    def _step(self, tensordict: TensorDictBase) -> TensorDictBase:
        action = AttrDict()
        for name, key in self._actions.items():
            value = tensordict.get(key).numpy()
            action[name] = value.reshape(self._rows, *self._env.env_spec.shape(name))
        obs, goal, done = self._env.step(action)
        flags = {"done": done, "terminated": obs["terminated"], "truncated": obs["truncated"]}
        given = self._given(obs, goal, flags)
        given.set("reward", self._tensor(obs["reward"]))
        return given

    def _set_seed(self, seed: int | None) -> None:
        if seed is not None:
            self._env.seed(int(seed) if self._rows > 1 else [int(seed)])

    def _given(self, obs: Observation, goal: Goal, flags: dict[str, np.ndarray]) -> TensorDictBase:
        out = TensorDict({}, batch_size=self.batch_size)
        for source, keys in ((obs, self._observed), (goal, self._goals)):
            for name, key in keys.items():
                out.set(key, self._tensor(source[name]))
        for name, value in (*flags.items(), ("failed", self._env.failed)):
            out.set(name, self._tensor(value.reshape(self._rows, 1)))
        return out

    def _tensor(self, value: np.ndarray) -> torch.Tensor:
        """Return leaves (B, ...) in the batch size; they are the environment's fresh arrays."""
        return torch.from_numpy(value if self._rows > 1 else value[0])

"""Every gymnasium environment behind the Muse contract."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, MissingExtraError, message_line
from muse.core.params import Param
from muse.core.spec import EnvSpec, ParamEnvSpec
from muse.envs.env import Env, Goal, Observation
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.simple.gym_info import InfoEntry, probe
from muse.envs.simple.gym_spaces import leaves, restore
from muse.envs.simple.gym_teleop import GymTeleop
from muse.envs.simulator_error import SimulatorError
from muse.envs.teleop.user_input import UserInput


class GymEnv(Env):
    """A gymnasium environment: observation `obs`, action `action`, outputs reward and ends.

    Parts of Dict and Tuple spaces are named `obs/<key>` and `obs/<index>`, likewise for actions;
    a Discrete value has shape (1,). With `pixels` the rendered picture is an observation `image`,
    (1, H, W, 3) uint8; `info_names` adds entries of gymnasium's info as `info/<name>`, 0 where a
    reset does not give them. Presets are handed to gymnasium as reset options.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("env_type", str, "Pendulum-v1", help="the gymnasium id"),
        Param("env_kwargs", AttrDict, AttrDict(), help="further arguments of gymnasium.make"),
        Param("pixels", bool, False, help="add the rendered picture as observation 'image'"),
        Param(
            "info_names",
            list[str],
            [],
            help="entries of gymnasium's info to observe as info/<name>",
        ),
        Param(
            "success_return",
            float | None,
            None,
            help="return that counts as success; None: the one gymnasium's registry names",
        ),
        Param(
            "action_labels",
            list[str] | None,
            None,
            help="what each value of a Discrete action, or each number of others, is called in "
            "teleoperation; None: by its number",
        ),
    )
    preset_names = None  # gymnasium's own business

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._gym = _make(self.params)
        self._obs_leaves = list(leaves(self._gym.observation_space, "obs"))
        self._pixels = self.params.pixels
        self._entries = [
            InfoEntry(name, env_spec.shape(f"info/{name}"), env_spec.dtype(f"info/{name}"))
            for name in self.params.info_names
        ]
        self._squares = 0.0
        self._action_leaves = list(leaves(self._gym.action_space, "action"))
        self._teleop = GymTeleop(self._action_leaves, self.params.action_labels)
        self._threshold = self.params.success_return
        if self._threshold is None:
            self._threshold = getattr(self._gym.spec, "reward_threshold", None)
        self.success_rule = "the environment reports success" + (
            f", or the episode ended with a return of at least {self._threshold:g}"
            if self._threshold is not None
            else ""
        )
        self._info: dict[str, Any] = {}
        self._return = 0.0
        self._ended = False

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec read from the spaces of the environment, which is made for that."""
        env = _make(env_params)
        try:
            observed = list(leaves(env.observation_space, "obs"))
            acted = list(leaves(env.action_space, "action"))
            entries = list(probe(env, env_params["info_names"]))
            rows: list[tuple[Any, ...]] = [leaf.row() for leaf in (*observed, *acted)]
            rows += [entry.row() for entry in entries]
            observations = [leaf.name for leaf in observed]
            observations += [entry.observation for entry in entries]
            if env_params["pixels"]:
                env.reset(seed=0)
                rows.append(("image", _picture(env).shape, (0, 255), "uint8"))
                observations.append("image")
        finally:
            env.close()
        rows += output_rows()
        return AttrDict(
            cls=ParamEnvSpec,
            names_shapes_limits_dtypes=rows,
            observation_names=observations,
            output_observation_names=list(OUTPUT_NAMES),
            action_names=[leaf.name for leaf in acted],
            goal_names=[],
        )

    @property
    def gym(self) -> Any:
        """The gymnasium environment inside."""
        return self._gym

    @property
    def teleop_keys(self) -> Mapping[str, str]:  # type: ignore[override]
        """What the keys do: it follows from the action space, see `GymTeleop`."""
        return self._teleop.keys

    def is_success(self) -> np.ndarray:
        """Return whether `success_rule` holds, (1,) bool."""
        reported = self._info.get("is_success", self._info.get("success"))
        if reported is not None:
            return np.array([bool(reported)])
        # Only at the end: where every step costs, the return begins above the threshold.
        reached = self._threshold is not None and self._return >= self._threshold
        return np.array([reached and self._ended])

    def score(self) -> np.ndarray:
        """Return the return so far, (1,) float."""
        return np.array([self._return])

    def render(self) -> np.ndarray:
        """Return gymnasium's `rgb_array` picture, (H, W, 3) uint8."""
        return _picture(self._gym)

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action (1, ...) that the keys ask for."""
        return self._teleop.action(user_input)

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        options = {key: _plain_tree(value) for key, value in presets.items()}
        value, self._info = self._gym.reset(seed=self.reset_seed, options=options or None)
        self._return, self._ended = 0.0, False
        self._teleop.reset()
        obs = self._observe(value, first=True)
        obs.combine(self.outputs())
        return obs, AttrDict()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        chosen = restore(self._gym.action_space, self._action_leaves, action)
        value, reward, terminated, truncated, self._info = self._gym.step(chosen)
        self._return += float(reward)
        if math.isnan(self._return):
            raise SimulatorError(f"the reward of {self.params.env_type} is NaN")
        self._ended = bool(terminated or truncated)
        obs = self._observe(value)
        dict.update(obs, self.outputs(float(reward), terminated, truncated))  # no name is a path
        return obs, AttrDict(), np.array([self._ended])

    def _is_healthy(self) -> bool:
        """A NaN anywhere makes the sum of squares one, which else may at most overflow."""
        return not math.isnan(self._squares)

    def _close(self) -> None:
        self._gym.close()

    def _observe(self, value: Any, first: bool = False) -> Observation:
        obs, self._squares = AttrDict(), 0.0
        for part in self._obs_leaves:
            obs[part.name] = array = part.read(value)
            if part.dtype.kind == "f":
                flat = array.ravel()
                self._squares += flat.dot(flat)
        for entry in self._entries:
            obs[entry.observation] = array = entry.read(self._info, first)
            self._squares += float(np.square(array, dtype=np.float64).sum())
        if self._pixels:
            obs["image"] = self.render()[None]
        return obs


def _make(params: AttrDict) -> Any:
    try:
        import gymnasium
        from gymnasium.envs.registration import load_env_creator
    except ImportError as error:
        raise MissingExtraError("GymEnv", "muse-envs", "gym") from error
    name = params["env_type"]
    kwargs = {"disable_env_checker": True, **params["env_kwargs"]}
    try:
        spec = gymnasium.spec(name)
        creator = spec.entry_point
        if isinstance(creator, str):
            creator = load_env_creator(creator)
        if "rgb_array" in getattr(creator, "metadata", {}).get("render_modes", ()):
            kwargs.setdefault("render_mode", "rgb_array")
        return gymnasium.make(name, **kwargs)
    except (gymnasium.error.Error, ImportError) as error:
        raise EnvError(f"GymEnv: cannot make env_type={name!r}: {message_line(error)}") from error
    except TypeError as error:
        raise EnvError(
            f"GymEnv: {name!r} does not take these env_kwargs: {message_line(error)}"
        ) from error


def _picture(env: Any) -> np.ndarray:
    try:
        picture = env.render()
    except Exception as error:  # pygame, a GL library or a display may be missing
        raise EnvError(
            f"GymEnv: {env.spec.id} cannot render here: {message_line(error)}"
        ) from error
    if not isinstance(picture, np.ndarray) or picture.ndim != 3:
        raise EnvError(f"GymEnv: {env.spec.id} has no rgb_array picture to render")
    return np.ascontiguousarray(picture, np.uint8)


def _plain_tree(value: Any) -> Any:
    if isinstance(value, AttrDict):
        return {key: _plain_tree(part) for key, part in value.items()}
    return value

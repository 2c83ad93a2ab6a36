"""Reinforcement learning on top of a policy that acts by waypoints (HYDRA)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, EnvError
from muse.core.params import Param, imported, instantiate, non_negative, positive
from muse.core.policy import Policy
from muse.core.spec import EnvSpec
from muse.envs.env import Goal, Observation
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.simulator_error import SimulatorError
from muse.envs.wrappers.wrapper import Wrapper, inner_spec

#: The learner's action and, as an observation, the waypoint it may shift.
ACTION, WAYPOINT = "delta_waypoint", "waypoint"


def add_delta(waypoint: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """The usual `combine_waypoint_fn`: waypoint + delta, both (1, D)."""
    return waypoint + delta


class WaypointEnv(Wrapper):
    """One step is one waypoint: the learner shifts it, low-level control goes there.

    A policy, for example a restored one of HYDRA, gives at each low-level step a mode (0 sparse, 1
    dense), a waypoint and dense actions. A step here (1) adds `delta_waypoint` (1, D) to the
    waypoint of the policy, (2) steps the environment inside towards it by `wp_dynamics_fn` until it
    is reached or timed out, and (3) lets the policy act as long as its mode is dense. The
    observation is the environment's and the `waypoint` (1, D) that the next step shifts.

    The reward is the largest of the segment, less `penalize_wp_timeout` where the waypoint was not
    reached, less `penalize_act_norm` |a| / sqrt(D).

    Args:
        params: as declared; `wp_dynamics_fn` (state (1, S), target (1, D)) -> (action (1, A), next
            state, reached (1,)) gives the first A numbers of the action, the policy the rest.
        env_spec: the spec of the whole.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("policy", Any, help="group with cls of a Policy, or the policy itself"),
        Param("model", Any, None, help="what the policy works on, already restored"),
        Param("wp_dynamics_fn", Callable | str, help="the control towards a waypoint, or its path"),
        Param("state_keys", list[str], help="observations that together are its state"),
        Param("wp_policy_out_names", list[str], help="policy outputs that together are a waypoint"),
        Param("policy_out_names", list[str] | None, None, help="actions; None: those of the env"),
        Param("mode_key", str, "mode", help="policy output: 0 sparse, 1 dense"),
        Param("waypoint_size", int, help="D, numbers of a waypoint", check=positive),
        Param("max_delta", float, 0.05, help="limit of a shift, in its unit", check=positive),
        Param("combine_waypoint_fn", Callable | str, add_delta, help="(waypoint, delta) -> target"),
        Param("sparse_timeout", int, 20, "steps towards a waypoint", "steps", check=positive),
        Param(
            "collapse_wp_timeout",
            int,
            0,
            help="steps without any change of the state that end a waypoint; 0: no matter",
            unit="steps",
            check=non_negative,
        ),
        Param(
            "policy_timeout", int, 0, "longest dense stretch; 0: any", "steps", check=non_negative
        ),
        Param("horizon", int, 1000, "low-level steps of an episode", "steps", check=positive),
        Param("terminate_on_reward", bool, False, help="a reward above 0 ends the episode"),
        Param("penalize_wp_timeout", float, 0.0, help="taken off where a waypoint was missed"),
        Param("penalize_act_norm", float, 0.0, help="times |a| / sqrt(D), taken off"),
        Param(
            "online_action_postproc_fn", Callable | str | None, None, help="(obs, action) -> action"
        ),
        Param("online_action_postproc_fn_kwargs", AttrDict, AttrDict(), help="further arguments"),
    )

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        spec = self.inner.env_spec
        self._policy = instantiate(self.params.policy, spec, env=self.inner, base=Policy)
        self._dynamics = imported(self.params.wp_dynamics_fn)
        self._combine = imported(self.params.combine_waypoint_fn)
        self._postprocess = imported(self.params.online_action_postproc_fn)
        self._action_names = self.params.policy_out_names or list(spec.action_names)
        if set(self._action_names) != set(spec.action_names):
            raise ConfigError(
                f"WaypointEnv: policy_out_names={self._action_names}, expected the actions of the "
                f"environment, {list(spec.action_names)}, in the order of wp_dynamics_fn"
            )
        self._memory, self._chosen = AttrDict(), AttrDict()
        self._obs, self._goal = AttrDict(), AttrDict()
        self._taken = 0

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec inside with the waypoint observed and its shift as the only action."""
        spec, size = inner_spec(env_params), env_params["waypoint_size"]
        limit = env_params["max_delta"]
        rows = [
            (WAYPOINT, (size,), (None, None), "float32"),
            (ACTION, (size,), (-limit, limit), "float32"),
            *output_rows(),
        ]
        outputs = dict.fromkeys([*spec.output_observation_names, *OUTPUT_NAMES])
        return spec.derive(
            add_rows=rows,
            observation_names=[*spec.observation_names, WAYPOINT],
            output_observation_names=list(outputs),
            action_names=[ACTION],
        ).params

    @property
    def saves_state(self) -> bool:  # type: ignore[override]
        """Never: what the policy remembers is its own."""
        return False

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        self._obs, self._goal = super()._reset(presets)
        seed = int(self.rng.integers(0, 2**62))
        self._memory = self._policy.initial_memory(self.params.model, 1, seeds=[seed])
        self._taken = 0
        self._decide()
        return self._observed(), self._goal

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        p, delta = self.params, action[ACTION]
        best, ended, reached = self._follow(self._combine(self._waypoint(), delta))
        if not ended:
            reward, ended = self._act_densely()
            best = max(best, reward)
        reward = best - p.penalize_act_norm * float(np.linalg.norm(delta)) / np.sqrt(delta.size)
        if not (reached or ended):
            reward -= p.penalize_wp_timeout
        terminated = bool(self._obs["terminated"].item())
        terminated |= p.terminate_on_reward and best > 0.0
        truncated = not terminated and (ended or self._taken >= p.horizon)
        obs = self._observed() & self.outputs(reward, terminated, truncated)
        return obs, self._goal, np.array([terminated or truncated])

    def _follow(self, target: np.ndarray) -> tuple[float, bool, bool]:
        """Go to the waypoint; return (largest reward, whether the episode ended, reached)."""
        best, still, before = -np.inf, 0, self._state()
        control, _, _ = self._dynamics(before, target)
        for _ in range(self.params.sparse_timeout):
            reward, ended = self._low_level(np.asarray(control))
            best = max(best, reward)
            if ended:
                return best, True, False
            state = self._state()
            control, _, reached = self._dynamics(state, target)
            if np.asarray(reached).all():
                return best, False, True
            still = still + 1 if np.allclose(state, before, atol=1e-6) else 0
            before = state
            if self.params.collapse_wp_timeout and still >= self.params.collapse_wp_timeout:
                break
        return best, False, False

    def _act_densely(self) -> tuple[float, bool]:
        """Let the policy act until it wants a waypoint again; return (largest reward, ended)."""
        best, steps = -np.inf, 0
        self._decide()
        while self._is_dense() and steps != (self.params.policy_timeout or -1):
            reward, ended = self._low_level(None)
            best, steps = max(best, reward), steps + 1
            if ended:
                return best, True
            self._decide()
        return best, False

    def _low_level(self, control: np.ndarray | None) -> tuple[float, bool]:
        """Step inside: `control` (1, A) replaces the first numbers of the policy's action."""
        spec = self.inner.env_spec
        action = self._chosen > self._action_names
        if control is not None:
            flat = spec.concatenate_flat(action, self._action_names).copy()
            flat[:, : control.shape[1]] = control
            action = spec.parse_from_concatenated_flat(flat, self._action_names)
        if self._postprocess is not None:
            given = self.params.online_action_postproc_fn_kwargs.to_dict()
            action = self._postprocess(self._obs, action, **given)
        self._obs, self._goal, done = self.inner.step(spec.clip(action, self._action_names))
        if self.inner.failed[0]:
            raise SimulatorError(f"{type(self.inner).__name__} failed")
        self._taken += 1
        return float(self._obs["reward"].item()), bool(
            done[0]
        ) or self._taken >= self.params.horizon

    def _decide(self) -> None:
        """Ask the policy about the latest observation."""
        self._chosen, self._memory = self._policy.get_action(
            self.params.model, self._obs, self._goal, self._memory
        )
        missing = [
            n
            for n in (*self.params.wp_policy_out_names, self.params.mode_key)
            if n not in self._chosen
        ]
        if missing:
            raise EnvError(
                f"WaypointEnv: {type(self._policy).__name__} gives no {missing[0]!r}; it gives "
                f"{list(self._chosen.leaf_keys())}"
            )

    def _is_dense(self) -> bool:
        return bool(np.asarray(self._chosen[self.params.mode_key]).reshape(-1)[0] == 1)

    def _waypoint(self) -> np.ndarray:
        parts = [
            np.asarray(self._chosen[n]).reshape(1, -1) for n in self.params.wp_policy_out_names
        ]
        waypoint = np.concatenate(parts, axis=1)
        if waypoint.shape[1] != self.params.waypoint_size:
            raise EnvError(
                f"WaypointEnv: the policy's waypoint has {waypoint.shape[1]} numbers, "
                f"waypoint_size says {self.params.waypoint_size}"
            )
        return waypoint

    def _state(self) -> np.ndarray:
        keys = self.params.state_keys
        return np.concatenate([self._obs[key].reshape(1, -1) for key in keys], axis=1)

    def _observed(self) -> Observation:
        return self._obs & AttrDict(waypoint=self._waypoint().astype(np.float32))

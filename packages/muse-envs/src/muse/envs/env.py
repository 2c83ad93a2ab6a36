"""The environment contract: `reset(presets) -> (obs, goal)`, `step(action) -> (obs, goal, done)`.

Everything is an `AttrDict` of arrays with a leading batch dimension B = `num_envs`: 1 for a single
environment, N for a vectorised one, so rollouts, policies and recorders are written once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, TypeVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, EnvError, suggest
from muse.core.params import Configurable, Param, imported
from muse.core.spec import EnvSpec
from muse.envs.action_check import ActionChecker
from muse.envs.batching import all_rows
from muse.envs.display import Window
from muse.envs.generator_state import pack_generator, unpack_generator
from muse.envs.reset_checks import checked_presets, one_seed
from muse.envs.simulator_error import SimulatorError
from muse.envs.spec_building import build_spec, observed_names
from muse.envs.teleop.user_input import UserInput
from muse.envs.teleop_forward import TeleopForward, teleop_forward

Observation = AttrDict
Goal = AttrDict
SelfEnv = TypeVar("SelfEnv", bound="Env")


class Env(Configurable):
    """Base of every environment; a subclass writes `_reset`, `_step`, `render` and its spec.

    A subclass fills in:

    * `declared_params`, and `get_default_env_spec_params(env_params)`;
    * `_reset(presets) -> (obs, goal)`, drawing every random number from `self.rng`;
    * `_step(action) -> (obs, goal, done)`, `done` of shape (B,) bool; `self.outputs(...)` gives the
      output observations `reward`, `terminated` and `truncated` (in a spec: `muse.envs.outputs`);
    * `render() -> (H, W, 3) uint8`, and where they apply `is_success`, `score`, `_close`;
    * `_is_healthy`, where the simulator can leave the finite numbers;
    * `_save_state`, `_restore_state` and `saves_state = True`, where it can go back.

    The base class checks actions and presets, seeds, refuses steps outside an episode, drops
    observations the spec does not list and shows the window when `render=True`.

    A simulator that breaks in a step (`_is_healthy` is False, or `_step` raises `SimulatorError`)
    ends the episode: `done` and `truncated` are True, `reward` is 0, everything else repeats the
    last good observation, and `failed` says so until the next reset.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("render", bool, False, help="show a window (opened at the first reset)"),
    )

    #: Names `reset(presets)` accepts; None when the environment passes them on unchecked.
    preset_names: ClassVar[tuple[str, ...] | None] = ()
    #: What `is_success` means, in one sentence.
    success_rule: str = "no success rule"
    #: Whether `save_state` and `restore_state` work here.
    saves_state: ClassVar[bool] = False
    #: What each key does in teleoperation, `{"w": "forward"}`; empty when there is none.
    teleop_keys: ClassVar[Mapping[str, str]] = {}

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        self.params = self.resolve_params(params)
        self.env_spec = env_spec
        self.user_input: Any = None
        #: Every random number of the environment comes from here.
        self.rng = np.random.default_rng()
        #: The seed that the current reset begins with; None when the stream just goes on.
        self.reset_seed: int | None = None
        self._pending_seed: int | None = None
        self._started = False
        self._over = np.zeros(self.num_envs, bool)
        self._failed = np.zeros(self.num_envs, bool)
        self._last_good: tuple[Observation, Goal] = (AttrDict(), AttrDict())
        self._closed = False
        self._window: Window | None = None
        self._shows: bool = self.params.render
        self._action_checker = ActionChecker(type(self).__name__, env_spec, self.num_envs)
        self._emitted = observed_names(env_spec)
        self._must_filter: bool | None = None

    # ---- the contract ------------------------------------------------------------------------

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the parameters of the spec an environment with `env_params` has, with `cls`."""
        raise NotImplementedError("an environment defines get_default_env_spec_params(env_params)")

    @property
    def num_envs(self) -> int:
        """B, the rows of every array."""
        return 1

    def seed(self, seed: int | Sequence[int]) -> None:
        """Seed the next reset, by an integer or B of them: the same seed, the same episode."""
        self._pending_seed = one_seed(seed, type(self).__name__)

    def reset(self, presets: Mapping[str, Any] | None = None) -> tuple[Observation, Goal]:
        """Begin an episode.

        Args:
            presets: values to start from (see `preset_names`) in place of drawn ones.

        Returns:
            (obs, goal) with leaves (B, ...).

        Raises:
            EnvError: for a preset the environment does not know, or when it is closed.
        """
        self._refuse_closed()
        given = checked_presets(type(self).__name__, presets, self.preset_names)
        self.reset_seed, self._pending_seed = self._pending_seed, None
        if self.reset_seed is not None:
            self.rng = np.random.default_rng(self.reset_seed)
        obs, goal = self._reset(given)
        if not self._is_healthy():
            raise SimulatorError(f"{type(self).__name__}: its state is not finite after reset()")
        self._begin_steps()
        if self.params.render:
            self._show()
        self._last_good = self._select(obs), goal
        return self._last_good

    def step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        """Apply `action` for one time step.

        Args:
            action: leaves (B, ...) in the shape, type and limits of the spec.

        Returns:
            (obs, goal, done): leaves (B, ...) and done (B,) bool, terminated or truncated.

        Raises:
            SpecError: for a bad action, naming it, the value and the limit.
            EnvError: before the first reset, after the end of the episode, or when closed.
        """
        if self._closed or not self._started or all_rows(self._over):
            self._refuse_out_of_episode()
        return self.advance(self._action_checker(action))

    def advance(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        """`step` for an action that is known to be good (vectorised environments check once)."""
        try:
            obs, goal, done = self._step(action)
            if not self._is_healthy():
                raise SimulatorError("the simulator's state is not finite")
        except SimulatorError:
            return self._fail()
        self._over = done.copy()
        if self._shows:
            self._show()
        obs = obs if self._must_filter is False else self._select(obs)
        self._last_good = obs, goal
        return obs, goal, done

    def reset_where(
        self,
        rows: np.ndarray,
        seeds: Sequence[int],
        presets: Mapping[str, Any] | None = None,
    ) -> tuple[Observation, Goal]:
        """Begin a seeded episode in the given rows only; the other rows go on.

        Args:
            rows: (B,) bool, the rows to reset; a single environment has only its one row.
            seeds: B integers, read where `rows` holds.
            presets: as for `reset`.

        Returns (obs, goal) of all B rows.
        """
        if not np.asarray(rows, bool).all():
            raise EnvError(f"{type(self).__name__} has one row; rows must be [True]")
        self.seed(seeds)
        return self.reset(presets)

    def retire(self, rows: np.ndarray) -> None:
        """End the episode of `rows` (B,) bool from outside: no steps there until a reset."""
        self._over = self._over | rows

    @property
    def failed(self) -> np.ndarray:
        """Which rows' episodes a broken simulator has ended, (B,) bool; no data to learn from."""
        return self._failed.copy()

    def is_success(self) -> np.ndarray:
        """Return whether the episode has met `success_rule`, (B,) bool."""
        return np.zeros(self.num_envs, bool)

    def score(self) -> np.ndarray:
        """Return how well the episode went so far, (B,) float; by default its success."""
        return self.is_success().astype(np.float64)

    def render(self) -> np.ndarray:
        """Return a picture of the scene, (H, W, 3) uint8 RGB, without opening a display."""
        raise EnvError(f"{type(self).__name__} has no picture to render")

    def render_row(self, row: int) -> np.ndarray:
        """Return the picture of one row, (H, W, 3) uint8 RGB."""
        return self.render()

    def close(self) -> None:
        """Free the simulator and the window; closing again does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._window is not None:
            self._window.close()
            self._window = None
        self._close()

    def user_input_reset(
        self,
        user_input: Any,
        reset_action_fn: Any = None,
        presets: Mapping[str, Any] | None = None,
    ) -> tuple[Observation, Goal]:
        """Remember the user's input device, call `reset_action_fn` if given, and reset."""
        self.user_input = user_input
        if reset_action_fn is not None:
            reset_action_fn()
        return self.reset(presets)

    def save_state(self) -> AttrDict:
        """Return all that `restore_state` needs, as arrays: the simulator and the generator."""
        if not self.saves_state:
            raise EnvError(f"{type(self).__name__} cannot save its state")
        if not self._started:
            raise EnvError(f"{type(self).__name__}: call reset() before save_state()")
        state = self._save_state()
        state["rng"] = pack_generator(self.rng)
        return state

    def restore_state(self, state: AttrDict) -> Observation:
        """Go back to a saved state, in the middle of its episode.

        Args:
            state: what `save_state` gave; without its `rng` (as in recorded states) random draws
                just go on.

        Returns:
            The observation there, with a reward of 0 and both flags down.
        """
        self._refuse_closed()
        if not self.saves_state:
            raise EnvError(f"{type(self).__name__} cannot restore a state")
        obs, goal = self._restore_state(state)
        if "rng" in state:
            self.rng = unpack_generator(state["rng"])
        self._begin_steps()
        self._last_good = self._select(obs), goal
        return self._last_good[0]

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action (1, ...) that a person's keys and mouse ask for after `obs`."""
        raise EnvError(f"{type(self).__name__} has no teleoperation")

    def get_default_teleop_model_forward_fn(self, user_input: UserInput) -> TeleopForward:
        """Return a person as a policy's function: `(model, obs, goal, memory) -> (action, memory)`.

        Each call polls `user_input` once.
        """
        return teleop_forward(self.teleop_action, user_input)

    @property
    def display(self) -> Window | None:
        """The window of `render=True`, or None as long as none is open."""
        return self._window

    # ---- for subclasses ----------------------------------------------------------------------

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        raise NotImplementedError(f"{type(self).__name__} must define _reset(presets)")

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        raise NotImplementedError(f"{type(self).__name__} must define _step(action)")

    def _close(self) -> None:
        """Free what the subclass holds; called once."""

    def _is_healthy(self) -> bool:
        """Return whether the simulator's state is finite; False ends the episode as failed."""
        return True

    def _save_state(self) -> AttrDict:
        """Return the simulator's and the episode's state as fresh arrays; with `saves_state`."""
        raise NotImplementedError(f"{type(self).__name__} must define _save_state()")

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        """Go to a state `_save_state` gave and return (obs, goal) there; with `saves_state`."""
        raise NotImplementedError(f"{type(self).__name__} must define _restore_state(state)")

    def outputs(
        self, reward: float = 0.0, terminated: bool = False, truncated: bool = False
    ) -> AttrDict:
        """The output observations of one step of a single environment, each of shape (1, 1)."""
        # Filled, not converted from lists, and no paths parsed: this runs at every step.
        gained = np.empty((1, 1), np.float32)
        gained[0, 0] = reward
        end, cut = np.zeros((1, 1), bool), np.zeros((1, 1), bool)
        end[0, 0], cut[0, 0] = terminated, truncated
        outputs = AttrDict()
        dict.update(outputs, reward=gained, terminated=end, truncated=cut)
        return outputs

    # ---- inside ------------------------------------------------------------------------------

    def _begin_steps(self) -> None:
        """Steps may follow: in a new episode, or in one gone back to."""
        self._started = True
        self._over = np.zeros(self.num_envs, bool)
        self._failed = np.zeros(self.num_envs, bool)

    def _fail(self) -> tuple[Observation, Goal, np.ndarray]:
        """End the episode of a broken simulator on the last good observation."""
        self._failed = np.ones(self.num_envs, bool)
        self._over = np.ones(self.num_envs, bool)
        obs, goal = self._last_good
        flags = self.outputs(truncated=True)
        return obs & (flags > [name for name in flags if name in obs]), goal, self._over.copy()

    def _select(self, obs: Observation) -> Observation:
        """Keep the names of the spec: a config may list fewer than the simulator offers."""
        if self._must_filter is None:
            present = set(obs.leaf_keys())
            missing = [name for name in self._emitted if name not in present]
            if missing:
                raise EnvError(
                    f"{type(self).__name__} gives no observation {missing[0]!r} that its spec "
                    f"lists.{suggest(missing[0], present)}"
                )
            self._must_filter = present != set(self._emitted)
        return obs > self._emitted if self._must_filter else obs

    def _refuse_closed(self) -> None:
        if self._closed:
            raise EnvError(f"{type(self).__name__} is closed; make a new one")

    def _refuse_out_of_episode(self) -> None:
        self._refuse_closed()
        if not self._started:
            raise EnvError(f"{type(self).__name__}: call reset() before the first step()")
        if all_rows(self._over):
            raise EnvError(f"{type(self).__name__}: the episode is over; call reset()")

    def _show(self) -> None:
        if self._window is None:
            self._window = Window(type(self).__name__)
        self._window.show(self.render())

    def __enter__(self: SelfEnv) -> SelfEnv:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def make(
    env_cls: type[Env] | str | AttrDict,
    overrides: Mapping[str, Any] | None = None,
    env_spec: EnvSpec | AttrDict | None = None,
) -> Env:
    """Build an environment and the spec that belongs to it.

    Args:
        env_cls: the class, its import path (`"muse.envs.simple.point_mass_env.PointMassEnv"`), or
            a config group that holds `cls` and parameters.
        overrides: parameters that replace the defaults.
        env_spec: a spec, or the parameters of one with `cls`, in place of the default one.

    Raises:
        ConfigError: when the class cannot be imported or is no `Env`.
        ParamError: for an unknown or wrong parameter.
        MissingExtraError: when the simulator is not installed.
    """
    params = AttrDict() if overrides is None else AttrDict(overrides)
    if isinstance(env_cls, AttrDict):
        if "cls" not in env_cls:
            raise ConfigError(f"a group given to make() needs 'cls'; it has {list(env_cls)}")
        params = AttrDict((k, v) for k, v in env_cls.items() if k != "cls") & params
        env_cls = env_cls["cls"]
    cls = imported(env_cls)
    if not (isinstance(cls, type) and issubclass(cls, Env)):
        raise ConfigError(f"make() expects an Env class or its import path, got {env_cls!r}")
    if not isinstance(env_spec, EnvSpec):
        resolved = cls.resolve_params(params)
        env_spec = build_spec(env_spec or cls.get_default_env_spec_params(resolved))
    return cls(params, env_spec)

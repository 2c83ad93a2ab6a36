"""What the environments taken from gymnasium-robotics share."""

from __future__ import annotations

import importlib
import io
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import MissingExtraError
from muse.core.params import Param, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Env, Goal, Observation
from muse.envs.mujoco.camera import FAST_RENDER_HELP, OffscreenCamera, Viewpoint
from muse.envs.mujoco.loading import load_mujoco
from muse.envs.mujoco.physics import is_sound, read_state, write_state
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.reset_checks import preset_array

EXTRA = "kitchen"
#: Height and width of `render()`, px.
PICTURE_SIZE = (256, 256)

SpecRow = tuple[str, tuple[int, ...], tuple[Any, Any], str]


class RoboticsEnv(Env):
    """A task of gymnasium-robotics behind the Muse contract.

    A subclass names the simulator (`_make_simulator`, `_owners`), turns its observation into ours
    (`_observe_task`) and judges the step (`_judge`). Every random number comes from `self.rng`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("image_obs", bool, False, help="give the observation `image`"),
        Param("image_size", list[int], [84, 84], help="its height and width", unit="px"),
        Param("fast_render", bool, True, help=FAST_RENDER_HELP),
        Param("max_steps", int, 280, help="steps until the episode is cut off", unit="steps",
              check=positive),
        Param("done_on_success", bool, True, help="end the episode when the task is solved"),
    )  # fmt: skip
    saves_state = True
    #: Where pictures are taken from.
    viewpoint: ClassVar[Viewpoint]

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._mujoco = load_mujoco(type(self).__name__, EXTRA)
        self._simulator = self._make_simulator()
        self._camera: OffscreenCamera | None = None
        self._steps = 0
        self._succeeded = False

    # ---- for subclasses ----------------------------------------------------------------------

    @abstractmethod
    def _make_simulator(self) -> Any:
        """Return the gymnasium environment without wrappers."""

    def _owners(self) -> Sequence[Any]:
        """Return the objects that draw random numbers with a generator `np_random`."""
        return (self._simulator,)

    @abstractmethod
    def _place(self, presets: AttrDict) -> Any:
        """Move the simulator to what the presets ask for; return its raw observation then."""

    @abstractmethod
    def _observe_task(self, raw: Any) -> AttrDict:
        """Return the observations of the task from the simulator's own, leaves (1, ...)."""

    @abstractmethod
    def _judge(self, raw: Any, reward: float, info: Mapping[str, Any]) -> tuple[float, bool]:
        """Return the reward of a step and whether the task is solved now."""

    def _episode_state(self) -> AttrDict:
        """Return what the task remembers of the episode, as arrays."""
        return AttrDict()

    def _go_to_episode(self, state: AttrDict) -> Any:
        """Take back what `_episode_state` gave; return the raw observation there."""
        raise NotImplementedError

    # ---- the contract ------------------------------------------------------------------------

    @property
    def simulator(self) -> Any:
        """The gymnasium environment inside."""
        return self._simulator

    def is_success(self) -> np.ndarray:
        return np.array([self._succeeded])

    def render(self) -> np.ndarray:
        return self._picture(PICTURE_SIZE)

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        self._steps, self._succeeded = 0, False
        self._lend_generator()
        raw, _ = self._simulator.reset()
        if presets:
            raw = self._place(presets)
        return self._observe(raw, self.outputs()), AttrDict()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        self._lend_generator()
        given = np.asarray(action["action"][0], np.float64)
        raw, reward, _, _, info = self._simulator.step(given)
        self._steps += 1
        gained, solved = self._judge(raw, float(reward), info)
        self._succeeded = self._succeeded or solved
        terminated = solved and self.params.done_on_success
        truncated = not terminated and self._steps >= self.params.max_steps
        obs = self._observe(raw, self.outputs(gained, terminated, truncated))
        return obs, AttrDict(), np.array([terminated or truncated])

    def _save_state(self) -> AttrDict:
        model, data = self._simulator.model, self._simulator.data
        return AttrDict(
            physics=read_state(self._mujoco, model, data),
            body_pos=model.body_pos.copy(),
            body_quat=model.body_quat.copy(),
            site_pos=model.site_pos.copy(),
            steps=np.array(self._steps),
            succeeded=np.array(self._succeeded),
            episode=self._episode_state(),
        )

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        model, data = self._simulator.model, self._simulator.data
        for name in ("body_pos", "body_quat", "site_pos"):
            getattr(model, name)[:] = state[name]
        write_state(self._mujoco, model, data, state["physics"])
        self._mujoco.mj_forward(model, data)
        # The forward pass moved the solver's warm start, on which the next step depends.
        write_state(self._mujoco, model, data, state["physics"])
        self._steps, self._succeeded = int(state["steps"]), bool(state["succeeded"])
        raw = self._go_to_episode(state["episode"])
        return self._observe(raw, self.outputs()), AttrDict()

    def _is_healthy(self) -> bool:
        return is_sound(self._mujoco, self._simulator.data)

    def _close(self) -> None:
        if self._camera is not None:
            self._camera.close()
        self._simulator.close()

    # ---- inside ------------------------------------------------------------------------------

    def _lend_generator(self) -> None:
        for owner in self._owners():
            owner.np_random = self.rng

    def _observe(self, raw: Any, obs: AttrDict) -> Observation:
        obs.combine(self._observe_task(raw))
        if self.params.image_obs:
            height, width = self.params.image_size
            obs["image"] = self._picture((height, width))[None]
        return obs

    def _picture(self, size: tuple[int, int]) -> np.ndarray:
        if self._camera is None:
            height, width = (
                max(side, other)
                for side, other in zip(PICTURE_SIZE, self.params.image_size, strict=True)
            )
            self._camera = OffscreenCamera(
                self._simulator.model, width, height, fast=self.params.fast_render, extra=EXTRA
            )
        return self._camera.picture(self._simulator.data, self.viewpoint, size[1], size[0])

    def _preset(self, presets: AttrDict, name: str, size: int) -> np.ndarray:
        """Return a preset as float64 (size,), with or without the batch dimension."""
        return preset_array(type(self).__name__, presets, name, size)


def robotics_spec_params(
    env_params: AttrDict, rows: Sequence[SpecRow], action_size: int
) -> AttrDict:
    """Return spec parameters for the observations in `rows`, an action, `image` and outputs."""
    observed = list(rows)
    if env_params.image_obs:
        observed.append(("image", (*env_params.image_size, 3), (0, 255), "uint8"))
    return AttrDict(
        cls="muse.core.spec.ParamEnvSpec",
        names_shapes_limits_dtypes=[
            *observed,
            ("action", (action_size,), (-1.0, 1.0), "float32"),
            *output_rows(),
        ],
        observation_names=[row[0] for row in observed],
        output_observation_names=list(OUTPUT_NAMES),
        action_names=["action"],
    )


def find_robotics(owner: str, path: str) -> Any:
    """Return what gymnasium-robotics has under an import path, for the class `owner`.

    Raises:
        MissingExtraError: when gymnasium-robotics is not installed.
    """
    module, _, name = path.rpartition(".")
    silent = io.StringIO()
    try:
        with redirect_stdout(silent), redirect_stderr(silent):  # notices about its versions
            return getattr(importlib.import_module(f"gymnasium_robotics.envs.{module}"), name)
    except ImportError as error:
        raise MissingExtraError(owner, "muse-envs", EXTRA) from error

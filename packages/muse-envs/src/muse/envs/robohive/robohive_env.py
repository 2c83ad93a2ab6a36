"""`RoboHiveEnv`: the Franka, kitchen and hand suites of RoboHive behind the Muse contract."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, suggest
from muse.core.params import Param, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Env, Goal, Observation
from muse.envs.mujoco.camera import FAST_RENDER_HELP, OffscreenCamera, camera_id
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.reset_checks import preset_array
from muse.envs.robohive.arm import Arm
from muse.envs.robohive.loading import EXTRA
from muse.envs.robohive.render_device import choose_render_device
from muse.envs.robohive.simhive import SIMHIVE
from muse.envs.robohive.simulation import Look, Simulation
from muse.envs.robohive.tasks import Task, find_task
from muse.envs.teleop.adroit_teleop import AdroitTeleop
from muse.envs.teleop.user_input import UserInput

#: Height and width of `render()`, px.
PICTURE_SIZE = (256, 256)
_ANY = (-math.inf, math.inf)
#: What RoboHive's info says, as observations.
_INFO_ROWS = (
    ("time", (1,), (0.0, math.inf), "float32"),
    ("rwd_dense", (1,), _ANY, "float32"),
    ("rwd_sparse", (1,), _ANY, "float32"),
    ("solved", (1,), (False, True), "bool"),
)
#: Key -> what it does, and the way of the hand in a step, m in the world.
_MOVES = {
    "w": ("hand up", (0.0, 0.0, 0.05)),
    "s": ("hand down", (0.0, 0.0, -0.05)),
    "left": ("hand left", (-0.05, 0.0, 0.0)),
    "right": ("hand right", (0.05, 0.0, 0.0)),
    "up": ("hand forward", (0.0, 0.05, 0.0)),
    "down": ("hand back", (0.0, -0.05, 0.0)),
}
_GRIP = "g"


def _known_task(name: str) -> str | None:
    try:
        find_task(name)
    except EnvError as error:
        return str(error).removeprefix("RoboHiveEnv: ")
    return None


class RoboHiveEnv(Env):
    """A task of RoboHive 0.7.0 (Kumar et al. 2023), its physics and rewards unchanged.

    Observations (B = 1): `observation` (B, n), RoboHive's vector, or for a visual task what the
    robot feels of itself; `<camera>_image` (B, H, W, 3) uint8 for each of `cameras`; each of
    `parts` by its own name; and of RoboHive's info `time` (B, 1) s, `rwd_dense` and `rwd_sparse`
    (B, 1), and `solved` (B, 1) bool. Action: `action` (B, m) in [-1, 1], targets of the arm's
    joints (Franka reach and pick-place) or of the hand's (Adroit) over their ranges, velocities of
    the arm's joints in the kitchens.

    An episode ends early where RoboHive ends it: the hand or the object is too far away. Presets:
    `qpos` and `qvel` of the whole scene, and what the task places (`Suite.placements`).
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("env_name", str, "FrankaReachRandom-v0", check=_known_task,
              help="RoboHive's or RLHive's name of the task"),
        Param("parts", list[str], [],
              help="RoboHive's observations to give apart, by its names; pick-place's "
                   "object_shapes are Muse's"),
        Param("cameras", list[str] | None, None,
              help="cameras to give as `<camera>_image`; None: those of the task, if it is visual"),
        Param("image_size", list[int] | None, None, unit="px",
              help="their height and width; None: the task's custom"),
        Param("reward", Literal["dense", "sparse", "solved"], "dense",
              help="RoboHive's dense or sparse (a negative distance) one, or 1 while solved"),
        Param("frame_skip", int | None, None, check=positive,
              help="physics steps in a step; None: the task's custom"),
        Param("max_steps", int | None, None, check=positive, unit="steps",
              help="episode's length; None: the task's custom"),
        Param("done_on_success", bool, False, help="end the episode when the task is solved"),
        Param("fast_render", bool, True, help=FAST_RENDER_HELP),
        Param("render_device", int | None, None,
              help="number of the GPU that draws, with EGL; one for the whole process"),
        SIMHIVE,
    )  # fmt: skip
    saves_state = True

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self.task: Task = find_task(self.params.env_name)
        self.success_rule = self.task.suite.success
        self._cameras, self._size = _pictures(self.params)
        self._simulation = Simulation(self.task, self.params.simhive, self.params.frame_skip)
        for name in self._cameras:
            camera_id(self._simulation.mujoco, self._simulation.model, name)
        self._arm = Arm(self._simulation) if self.task.suite.has_arm else None
        self._camera: OffscreenCamera | None = None
        self._max_steps = self.params.max_steps or self.task.max_steps
        self._steps = 0
        self._succeeded = False

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec's parameters; RoboHive need not be installed."""
        task = find_task(env_params.env_name)
        sizes = task.suite.parts
        for name in env_params.parts:
            if name not in sizes:
                raise EnvError(
                    f"RoboHiveEnv: {env_params.env_name} has no observation {name!r}; it has "
                    f"{', '.join(sizes)}.{suggest(name, sizes)}"
                )
        cameras, size = _pictures(env_params)
        observed = [
            ("observation", (sum(sizes[name] for name in task.keys),), _ANY, "float32"),
            *((name, (sizes[name],), _ANY, "float32") for name in env_params.parts),
            *((f"{name}_image", (*size, 3), (0, 255), "uint8") for name in cameras),
            *_INFO_ROWS,
        ]
        action = ("action", (task.suite.action,), (-1.0, 1.0), "float32")
        return AttrDict(
            cls="muse.core.spec.ParamEnvSpec",
            names_shapes_limits_dtypes=[*observed, action, *output_rows()],
            observation_names=[row[0] for row in observed],
            output_observation_names=list(OUTPUT_NAMES),
            action_names=["action"],
        )

    @property
    def preset_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """What an episode of this task can start from."""
        return ("qpos", "qvel", *self.task.suite.placements)

    @property
    def teleop_keys(self) -> Mapping[str, str]:  # type: ignore[override]
        """What each key does with the arm or the hand."""
        if self._arm is None:
            return self._hand_teleop.keys
        return {key: does for key, (does, _) in _MOVES.items()} | {
            _GRIP: "close the fingers while held"
        }

    @property
    def simulation(self) -> Simulation:
        """RoboHive inside."""
        return self._simulation

    def is_success(self) -> np.ndarray:
        return np.array([self._succeeded])

    def render(self) -> np.ndarray:
        return self._picture(self.task.suite.camera, PICTURE_SIZE)

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action (1, m) that the keys ask for.

        They move the hand of the Franka arm without turning it, or the joints of the Adroit hand.
        """
        if self._arm is None:
            return AttrDict(action=self._hand_teleop.action(user_input))
        ways = [way for key, (_, way) in _MOVES.items() if user_input.is_down(key)]
        way = np.sum([(0.0, 0.0, 0.0), *ways], axis=0)
        fingers = self._arm.fingers(user_input.is_down(_GRIP))
        action = np.concatenate([self._arm.action(self._arm.turns(way, np.zeros(3))), fingers])
        return AttrDict(action=action.astype(np.float32)[None])

    # ---- inside ------------------------------------------------------------------------------

    @property
    def _hand_teleop(self) -> AdroitTeleop:
        inside = self._simulation
        return AdroitTeleop(inside.model, inside.data, inside.step_time)

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        self._steps, self._succeeded = 0, False
        look = self._simulation.reset(self.rng)
        if presets:
            self._place(presets)
            look = self._simulation.look()
        return self._observe(look, self.outputs()), AttrDict()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        look = self._simulation.step(np.asarray(action["action"][0], np.float64))
        self._steps += 1
        solved = look.info["solved"]
        self._succeeded = self._succeeded or solved
        terminated = look.info["done"] or (solved and self.params.done_on_success)
        truncated = not terminated and self._steps >= self._max_steps
        reward = float(solved) if self.params.reward == "solved" else self._reward(look)
        obs = self._observe(look, self.outputs(reward, terminated, truncated))
        return obs, AttrDict(), np.array([terminated or truncated])

    def _reward(self, look: Look) -> float:
        return float(look.info[f"rwd_{self.params.reward}"])

    def _place(self, presets: AttrDict) -> None:
        model, data = self._simulation.model, self._simulation.data
        for name, place in self.task.suite.placements.items():
            if name in presets:
                kind = model.body if place.array.startswith("body") else model.site
                value = preset_array("RoboHiveEnv", presets, name, place.size)
                getattr(model, place.array)[kind(place.name).id] = value
        for name in ("qpos", "qvel"):
            if name in presets:
                numbers = getattr(data, name)
                numbers[:] = preset_array("RoboHiveEnv", presets, name, numbers.size)

    def _save_state(self) -> AttrDict:
        state = AttrDict(simulation=self._simulation.save())
        state["steps"], state["succeeded"] = np.array(self._steps), np.array(self._succeeded)
        return state

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        look = self._simulation.restore(state["simulation"])
        self._steps, self._succeeded = int(state["steps"]), bool(state["succeeded"])
        return self._observe(look, self.outputs()), AttrDict()

    def _is_healthy(self) -> bool:
        return self._simulation.is_sound()

    def _observe(self, look: Look, obs: AttrDict) -> Observation:
        vector = np.concatenate([look.keys[name].reshape(-1) for name in self.task.keys])
        obs["observation"] = vector.astype(np.float32)[None]
        for name in self.params.parts:
            obs[name] = look.keys[name].astype(np.float32).reshape(1, -1)
        for name in self._cameras:
            obs[f"{name}_image"] = self._picture(name, self._size)[None]
        for name, shape, _, dtype in _INFO_ROWS:
            obs[name] = np.full((1, *shape), look.info[name], dtype)
        return obs

    def _picture(self, camera: str, size: tuple[int, int]) -> np.ndarray:
        if self._camera is None:
            if self.params.render_device is not None:
                choose_render_device(self.params.render_device)
            height, width = (max(pair) for pair in zip(PICTURE_SIZE, self._size, strict=True))
            self._camera = OffscreenCamera(
                self._simulation.model, width, height, fast=self.params.fast_render, extra=EXTRA
            )
        return self._camera.picture(self._simulation.data, camera, size[1], size[0])

    def _close(self) -> None:
        if self._camera is not None:
            self._camera.close()
        self._simulation.close()


def _pictures(params: AttrDict) -> tuple[tuple[str, ...], tuple[int, int]]:
    """Return the cameras to show, and the height and width of their pictures."""
    task = find_task(params.env_name)
    cameras = task.cameras if params.cameras is None else tuple(params.cameras)
    height, width = params.image_size or task.image_size
    return cameras, (height, width)

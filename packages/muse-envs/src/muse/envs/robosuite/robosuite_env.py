"""The manipulation tasks of robosuite (Zhu et al. 2020) behind the Muse contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, imported, non_negative, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Env, Goal, Observation
from muse.envs.mujoco.camera import FAST_RENDER_HELP, OffscreenCamera
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.robosuite.observations import cameras, observation_rows, read_observations
from muse.envs.robosuite.preset_sweep import PresetSweep
from muse.envs.robosuite.simulation import Simulation
from muse.envs.robosuite.tasks import ROBOT_JOINTS, TASKS, Task, find_task
from muse.envs.robosuite.teleop import KEYS, Teleop
from muse.envs.teleop.user_input import UserInput

#: Side of `render()`, px.
PICTURE_SIZE = 256
#: Numbers that an arm's controller takes, gripper not counted; None: one for each joint.
CONTROLLERS = {
    "OSC_POSE": 6,
    "OSC_POSITION": 3,
    "IK_POSE": 6,
    "JOINT_POSITION": None,
    "JOINT_TORQUE": None,
}


class RobosuiteEnv(Env):
    """One or two arms at a table; the task is `env_name`.

    Observations (B = 1), named as robomimic names them: `object` (B, n), and for each arm
    `robot0_eef_pos` (B, 3) m, `robot0_eef_quat` (B, 4) xyzw, `robot0_eef_eul` (B, 3) rad,
    `robot0_eef_vel_lin` and `robot0_eef_vel_ang` (B, 3) in the world, `robot0_joint_pos` (and
    `_cos`, `_sin`), `robot0_joint_vel`, `robot0_gripper_qpos`, `robot0_gripper_qvel`; with
    `imgs`, `ego_imgs` and `cameras` pictures (B, H, W, 3) uint8; with `parse_objects`
    `objects/position` (B, n, 3), `objects/orientation` (B, n, 4) and `objects/orientation_eul`.

    Action: `action` (B, 7) in [-1, 1] for each arm: steps of at most 5 cm and 0.5 rad a control
    step (OSC_POSE; 2 cm and 0.05 rad with IK_POSE), and the gripper, -1 open to 1 closed; with
    `no_ori` (B, 4).

    Presets: `state`, a flattened state (time, positions, velocities) as robosuite's and
    robomimic's data record it, with `model`, the recorded MJCF, where robosuite still reads it;
    `objects/position` (n, 3) and `objects/orientation` (n, 4) of free objects.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("env_name", str, "Lift", help="robosuite's task", choices=tuple(TASKS)),
        Param("control_frequency", int, 20, "control steps a second", "1/s", check=positive),
        Param("robots", str, "Panda", help="the arm", choices=tuple(ROBOT_JOINTS)),
        Param(
            "controller", str, "OSC_POSE", help="what an action means", choices=tuple(CONTROLLERS)
        ),
        Param(
            "action_frame",
            str,
            "world",
            help="whose axes an action's steps follow: the world's, as in all recorded data, or "
            "the arm's base (OSC controllers only)",
            choices=("world", "base"),
        ),
        Param("no_ori", bool, False, help="the action leaves the hand's orientation alone"),
        Param("max_steps", int | None, None, "episode's length; None: the task's custom", "steps"),
        Param("done_on_success", bool, True, help="end when success has held for two steps"),
        Param("reward_shaping", bool, False, help="robosuite's dense reward, not success alone"),
        Param("use_reward_stages", bool, False, help="reward: share of the task's stages done"),
        Param("hard_reset", bool, True, help="a new model (sizes) each reset; False is faster"),
        Param("imgs", bool, False, help="give the observation `image`"),
        Param("ego_imgs", bool, False, help="give the observation `ego_image`"),
        Param("cameras", list[str], [], help="more cameras: observations `<camera>_image`"),
        Param("offscreen_camera", str | None, None, help="camera of `image`; None: the task's"),
        Param("onscreen_camera", str | None, None, help="camera of render(); None: the task's"),
        Param("ego_camera", str, "robot0_eye_in_hand", help="camera of `ego_image`"),
        Param("img_width", int, 256, "of the image observations", "px", check=positive),
        Param("img_height", int, 256, "of the image observations", "px", check=positive),
        Param(
            "img_postproc",
            Callable | str | None,
            None,
            help="function (H, W, 3) uint8 -> the same, for the image observations",
        ),
        Param("fast_render", bool, False, help=FAST_RENDER_HELP),
        Param("parse_objects", bool, False, help="also give the objects' poses apart"),
        Param("enable_preset_sweep", bool, False, help="start from a grid of poses, in turn"),
        Param("preset_sweep_pos", int, 8, "places of each swept object", check=positive),
        Param("preset_sweep_ori", int, 8, "turns of each swept object", check=positive),
        Param("pos_noise_std", float, 0.0, "noise on swept places", "m", check=non_negative),
        Param("ori_noise_std", float, 0.0, "noise on swept turns", "rad", check=non_negative),
        Param(
            "backend",
            str,
            "robosuite",
            help="who builds the environment: robosuite, or robomimic's wrapper",
            choices=("robosuite", "robomimic"),
        ),
    )
    preset_names = ("state", "model", "objects/position", "objects/orientation")
    saves_state: ClassVar[bool] = True
    teleop_keys: ClassVar[Mapping[str, str]] = KEYS

    def __init__(self, params: Mapping[str, Any] | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self.task: Task = find_task(self.params.env_name)
        self.success_rule = self.task.success_rule
        _check(self.params, self.task)
        self._simulation = Simulation(self.params, self.task)
        self._camera: OffscreenCamera | None = None
        self._drawn_model: Any = None
        self._postproc = imported(self.params.img_postproc)
        size = action_size(self.params, self.task)
        self._teleop = Teleop(size, self.task.arms, self.task.gripper)
        self._sweep: PresetSweep | None = None
        if self.params.enable_preset_sweep:
            self._sweep = PresetSweep(
                self.task.sweep,
                self.params.preset_sweep_pos,
                self.params.preset_sweep_ori,
                self.params.pos_noise_std,
                self.params.ori_noise_std,
            )
        self._steps = 0
        self._held = 0
        self._best = 0.0

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        """Return the spec's parameters; robosuite need not be installed."""
        task = find_task(env_params.env_name)
        observed = observation_rows(env_params, task)
        action = ("action", (action_size(env_params, task),), (-1.0, 1.0), "float32")
        return AttrDict(
            cls="muse.core.spec.ParamEnvSpec",
            names_shapes_limits_dtypes=[*observed, action, *output_rows()],
            observation_names=[row[0] for row in observed],
            output_observation_names=list(OUTPUT_NAMES),
            action_names=["action"],
        )

    @property
    def simulation(self) -> Simulation:
        """robosuite inside."""
        return self._simulation

    @property
    def num_presets(self) -> int:
        """How many starts a preset sweep has before it repeats; 0 without one."""
        return len(self._sweep) if self._sweep is not None else 0

    def restart_sweep(self) -> None:
        """Let the next reset take the first start of the preset sweep."""
        if self._sweep is not None:
            self._sweep.restart()

    def is_success(self) -> np.ndarray:
        return np.array([self._started and self._simulation.is_success()])

    def score(self) -> np.ndarray:
        """Return the highest reward of the episode so far, (B,)."""
        return np.array([self._best])

    def render(self) -> np.ndarray:
        camera = self.params.onscreen_camera or self.task.camera
        return self._picture(camera, PICTURE_SIZE, PICTURE_SIZE)

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        if CONTROLLERS[self.params.controller] is None:
            raise EnvError(
                "RobosuiteEnv: keys and mouse drive the hand, not the joints: "
                f"controller={self.params.controller!r} cannot be driven; expected one of "
                f"{[name for name, size in CONTROLLERS.items() if size]}"
            )
        return AttrDict(action=self._teleop.action(user_input))

    # ---- inside ------------------------------------------------------------------------------

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        self._steps, self._held, self._best = 0, 0, 0.0
        self._teleop.reset()
        observed = self._simulation.reset(self.rng)
        if "state" in presets or "model" in presets:
            if "state" not in presets:
                raise EnvError("RobosuiteEnv: the preset `model` needs the preset `state`")
            state = np.asarray(presets["state"], np.float64).reshape(-1)
            observed = self._simulation.play(state, presets.get("model", None))
        placed = self._placements(presets)
        if placed:
            for name, (position, quat) in placed.items():
                self._simulation.place(self.task.bodies[name], position, quat)
            observed = self._simulation.observe_again()
        return self._observe(observed, self.outputs()), AttrDict()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        chosen = action["action"][0].astype(np.float64)
        if self.params.no_ori:
            chosen = np.concatenate(
                [[*arm[:3], 0.0, 0.0, 0.0, *arm[3:]] for arm in np.split(chosen, self.task.arms)]
            )
        observed, reward = self._simulation.step(chosen)
        self._steps += 1
        self._held = self._held + 1 if self._simulation.is_success() else 0
        if self.params.use_reward_stages:
            reward = float(np.mean(self._simulation.stages()))
        self._best = max(self._best, reward)
        terminated = self.params.done_on_success and self._held >= 2
        truncated = not terminated and self._steps >= self._max_steps
        obs = self._observe(observed, self.outputs(reward, terminated, truncated))
        return obs, AttrDict(), np.array([terminated or truncated])

    @property
    def _max_steps(self) -> int:
        return int(self.params.max_steps or self.task.max_steps)

    def _placements(self, presets: AttrDict) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return name -> (position, quaternion) of the objects to be placed."""
        asked = [n for n in ("objects/position", "objects/orientation") if n in presets]
        if self._sweep is None and not asked:
            return {}
        drawn = self._simulation.body_poses()
        names = list(self.task.bodies)
        if self._sweep is not None and not asked:
            origin = self._simulation.table_centre()
            rows = dict(zip(names, zip(*drawn, strict=True), strict=True))
            return self._sweep.next_poses(rows, origin, self.rng)
        chosen = []
        for name, default in zip(("objects/position", "objects/orientation"), drawn, strict=True):
            value = np.asarray(presets.get(name, default), np.float64)
            if value.size != default.size or not np.isfinite(value).all():
                raise EnvError(
                    f"RobosuiteEnv: preset {name!r} has shape {value.shape}, expected "
                    f"{default.shape} finite numbers for {names}"
                )
            chosen.append(value.reshape(default.shape))
        return dict(zip(names, zip(*chosen, strict=True), strict=True))

    def _observe(self, observed: Mapping[str, Any], obs: AttrDict) -> Observation:
        """Add the observations to the outputs `obs`."""
        obs.combine(read_observations(self.params, self.task, self._simulation, observed))
        for name, camera in cameras(self.params, self.task).items():
            picture = self._picture(camera, self.params.img_width, self.params.img_height)
            obs[name] = self._postprocessed(picture)[None]
        return obs

    def _postprocessed(self, picture: np.ndarray) -> np.ndarray:
        if self._postproc is None:
            return picture
        done = self._postproc(picture)
        if not isinstance(done, np.ndarray) or (done.shape, done.dtype) != (
            picture.shape,
            picture.dtype,
        ):
            raise EnvError(f"RobosuiteEnv: img_postproc must return {picture.shape} uint8")
        return done

    def _picture(self, camera: str, width: int, height: int) -> np.ndarray:
        model = self._simulation.model
        if self._camera is None or self._drawn_model is not model:
            self._free_camera()
            self._camera = OffscreenCamera(
                model,
                max(self.params.img_width, PICTURE_SIZE),
                max(self.params.img_height, PICTURE_SIZE),
                fast=self.params.fast_render,
                hidden_groups=(0,),  # collision shapes
                extra="robosuite",
            )
            self._drawn_model = model
        return self._camera.picture(self._simulation.data, camera, width, height)

    def _free_camera(self) -> None:
        if self._camera is not None:
            self._camera.close()
            self._camera, self._drawn_model = None, None

    def _is_healthy(self) -> bool:
        return self._simulation.is_sound()

    def _save_state(self) -> AttrDict:
        counters = np.array([self._steps, self._held])
        return self._simulation.save() & AttrDict(counters=counters, best=np.array(self._best))

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        observed = self._simulation.restore(state)
        self._steps, self._held = (int(n) for n in state["counters"])
        self._best = float(state["best"])
        self._teleop.reset()
        return self._observe(observed, self.outputs()), AttrDict()

    def _close(self) -> None:
        self._free_camera()
        self._simulation.close()


def action_size(params: AttrDict, task: Task) -> int:
    """Return how many numbers an action has."""
    size = CONTROLLERS[params.controller]
    if size is None:
        size = ROBOT_JOINTS[params.robots][0]
    if params.no_ori:
        size = 3
    return task.arms * (size + task.gripper)


def _check(params: AttrDict, task: Task) -> None:
    name = params.env_name
    if params.no_ori and params.controller != "OSC_POSE":
        raise EnvError(
            f"RobosuiteEnv: no_ori goes with controller='OSC_POSE', got {params.controller!r}"
        )
    if params.action_frame != "world" and not params.controller.startswith("OSC"):
        raise EnvError(
            f"RobosuiteEnv: action_frame={params.action_frame!r} goes with the OSC controllers, "
            f"got controller={params.controller!r}"
        )
    if params.use_reward_stages and not task.stages:
        staged = [key for key, known in TASKS.items() if known.stages]
        raise EnvError(f"RobosuiteEnv: {name} has no reward stages; these have: {staged}")
    if params.enable_preset_sweep and not task.sweep:
        swept = [key for key, known in TASKS.items() if known.sweep]
        raise EnvError(f"RobosuiteEnv: {name} has no preset sweep; these have: {swept}")

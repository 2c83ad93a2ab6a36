"""robosuite itself: building a task, seeding it, stepping it, and going to recorded states."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, MissingExtraError, message_line
from muse.envs.mujoco.loading import gl_backend, load_mujoco
from muse.envs.mujoco.physics import is_sound, read_state, write_state
from muse.envs.robosuite.tasks import Task

_UNUSABLE = "RobosuiteEnv: robosuite cannot use the recorded model"
_DO_WITHOUT = (
    "models of robosuite before 1.5 name their parts otherwise: leave the preset `model` out, the "
    "states alone serve"
)
#: The reset's two streams: what the model is made of, and where things are put.
_MODEL, _PLACES = 0, 1


class Simulation:
    """One robosuite environment without a window, with every random number under control.

    Args:
        params: of `RobosuiteEnv`.
        task: what is to be simulated.
    """

    def __init__(self, params: AttrDict, task: Task) -> None:
        self.mujoco = load_mujoco("RobosuiteEnv", "robosuite")
        self._suite = load_robosuite()
        self._hard = params.hard_reset
        self._seeds = np.zeros(2, np.int64)
        #: The model as compiled last, MJCF.
        self.xml = ""
        self.task = task
        self.env: Any = self._build(params)
        #: What an action of 1 is to robosuite; IK_POSE takes m and rad.
        self._largest = self.env.action_spec[1]
        self.env.set_xml_processor(self._on_model)
        self.xml = self.env.model.get_xml()

    # ---- the contract ------------------------------------------------------------------------

    @property
    def model(self) -> Any:
        """The `mujoco.MjModel` of now; a hard reset makes a new one."""
        return self.env.sim.model._model

    @property
    def data(self) -> Any:
        """The `mujoco.MjData` of now."""
        return self.env.sim.data._data

    def reset(self, rng: np.random.Generator) -> dict[str, Any]:
        """Begin an episode drawn from `rng` and return robosuite's observations.

        What the model is made of (sizes) and where things are put are two streams, so that a soft
        reset, which keeps the model, puts things where a hard one does.
        """
        self._seeds = rng.integers(0, 2**63, size=2)
        self._rewind(_MODEL if self._hard else _PLACES)
        observed: dict[str, Any] = self.env.reset()
        self._wake_controllers()
        return observed

    def step(self, action: np.ndarray) -> tuple[dict[str, Any], float]:
        """Apply `action` (n,) for one control step; return (robosuite's observations, reward)."""
        observed, reward, _, _ = self.env.step(action * self._largest)
        return observed, float(reward)

    def is_success(self) -> bool:
        """Return robosuite's own success check of the present state."""
        return bool(self.env._check_success())

    def stages(self) -> list[bool]:
        """Return which stages of the task are done."""
        values = [reduce(getattr, path.split("."), self.env) for path in self.task.stages]
        return [bool(value() if callable(value) else value) for value in values]

    def is_sound(self) -> bool:
        """Return whether the state is finite and nothing has blown up since the reset."""
        return is_sound(self.mujoco, self.data)

    # ---- going to states ---------------------------------------------------------------------

    def play(self, state: np.ndarray, xml: str | None) -> dict[str, Any]:
        """Go to a flattened state (time, positions, velocities), as robosuite's demos record them.

        Args:
            state: (1 + nq + nv,) float.
            xml: the recorded model; None keeps the present one.

        Raises:
            EnvError: when the state does not fit the model, or robosuite cannot use the model.
        """
        if xml is not None:
            self._load(xml)
        size = 1 + self.model.nq + self.model.nv
        if np.shape(state) != (size,) or not np.isfinite(state).all():
            raise EnvError(
                f"RobosuiteEnv: a state of shape {np.shape(state)} does not fit, expected "
                f"({size},) finite numbers: time, {self.model.nq} positions, {self.model.nv} "
                "velocities"
            )
        self.env.sim.set_state_from_flattened(np.asarray(state, np.float64))
        return self.observe_again()

    def observe_again(self) -> dict[str, Any]:
        """Return robosuite's observations after the state was changed from outside."""
        self.env.sim.forward()
        self._wake_controllers()
        self.env._obs_cache = {}
        for _ in range(2):  # relative poses read what the pass before has left in the cache
            for observable in self.env._observables.values():
                observable.reset()  # also aligns its clock with the control step
            observed: dict[str, Any] = self.env._get_observations(force_update=True)
        return observed

    def save(self) -> AttrDict:
        """Return the state as fresh arrays: physics, what resets edit, controllers and sensors."""
        model = self.model
        return AttrDict(
            xml=np.frombuffer(self.xml.encode(), np.uint8).copy(),
            physics=read_state(self.mujoco, model, self.data),
            body_pos=model.body_pos.copy(),
            body_quat=model.body_quat.copy(),
            geom_rgba=model.geom_rgba.copy(),
            grippers=np.array([_opening(g) for g in self._grippers()]),
            rest_poses=np.array([arm.initial_joint for arm in self._arms()]),
            wiped=np.array([marker in self._wiped() for marker in self._markers()], bool),
            sensors=np.concatenate([np.ravel(o._current_observed_value) for o in self._sensors()]),
            timestep=np.array(self.env.timestep),
        )

    def restore(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Go to what `save` returned and return robosuite's observations there."""
        xml = np.asarray(state["xml"], np.uint8).tobytes().decode()
        if xml != self.xml:
            self._load(xml)
        for name in ("body_pos", "body_quat", "geom_rgba"):
            getattr(self.model, name)[:] = state[name]
        self.env.timestep = int(state["timestep"])
        for gripper, opening in zip(self._grippers(), state["grippers"], strict=True):
            gripper.current_action = np.array(opening)
        for arm, pose in zip(self._arms(), state["rest_poses"], strict=True):
            arm.initial_joint = np.array(pose)
        if self._markers():
            pairs = zip(self._markers(), state["wiped"], strict=True)
            self.env.wiped_markers = [marker for marker, gone in pairs if gone]
        write_state(self.mujoco, self.model, self.data, state["physics"])
        self.observe_again()
        # A forward pass moves the solver's warm start.
        write_state(self.mujoco, self.model, self.data, state["physics"])
        self._recall(np.asarray(state["sensors"]))
        observed: dict[str, Any] = self.env._get_observations()
        return observed

    def place(self, body: str, position: np.ndarray, quat: np.ndarray) -> None:
        """Put a free object at `position` (3,) m, turned by `quat` (4,) xyzw, at rest.

        Raises:
            EnvError: when the object is fixed to something.
        """
        model = self.model
        number = self.mujoco.mj_name2id(model, self.mujoco.mjtObj.mjOBJ_BODY, body)
        joint = model.body_jntadr[number]
        if joint < 0 or model.jnt_type[joint] != self.mujoco.mjtJoint.mjJNT_FREE:
            raise EnvError(f"RobosuiteEnv: {body} cannot be placed: it is no free object")
        at, speed = model.jnt_qposadr[joint], model.jnt_dofadr[joint]
        self.data.qpos[at : at + 7] = [*position, quat[3], *quat[:3]]
        self.data.qvel[speed : speed + 6] = 0.0

    def body_poses(self) -> tuple[np.ndarray, np.ndarray]:
        """Return positions (n, 3) and quaternions (n, 4) xyzw of the task's objects."""
        kind = self.mujoco.mjtObj.mjOBJ_BODY
        rows = [self.mujoco.mj_name2id(self.model, kind, b) for b in self.task.bodies.values()]
        return self.data.xpos[rows].copy(), np.roll(self.data.xquat[rows], -1, axis=1)

    def table_centre(self) -> np.ndarray:
        """Return x and y of the point that object placements are drawn about, (2,) m."""
        env = self.env
        offset = env.bin1_pos if hasattr(env, "bin1_pos") else env.table_offset
        return np.array(offset[:2], np.float64)

    def close(self) -> None:
        """Free the simulation."""
        self.env.close()

    # ---- inside ------------------------------------------------------------------------------

    def _build(self, params: AttrDict) -> Any:
        settings = {
            "robots": [params.robots] * self.task.arms if self.task.arms > 1 else params.robots,
            "controller_configs": self._controller(params),
            "control_freq": params.control_frequency,
            "reward_shaping": params.reward_shaping,
            "hard_reset": params.hard_reset,
            "ignore_done": True,
            "has_renderer": False,
            "has_offscreen_renderer": False,  # Muse draws itself
            "use_camera_obs": False,
            "renderer": "mujoco",
            "seed": 0,
        }
        try:
            if params.backend == "robomimic":
                return _robomimic_env(params.env_name, settings)
            return self._suite.make(params.env_name, **settings)
        except (AssertionError, KeyError, ValueError, AttributeError) as error:
            raise EnvError(
                f"RobosuiteEnv: robosuite cannot build {params.env_name} with "
                f"robots={params.robots!r} and controller={params.controller!r}: "
                f"{message_line(error)}"
            ) from error

    def _controller(self, params: AttrDict) -> dict[str, Any]:
        factory = importlib.import_module(
            "robosuite.controllers.composite.composite_controller_factory"
        )
        part = self._suite.load_part_controller_config(default_controller=params.controller)
        if "input_ref_frame" in part:
            part["input_ref_frame"] = params.action_frame
        if params.controller == "IK_POSE":
            # It solves for joint positions; robosuite would add them to the present ones.
            part["input_type"] = "absolute"
        config: dict[str, Any] = factory.refactor_composite_controller_config(
            part, params.robots, ["right"]
        )
        return config

    def _on_model(self, xml: str) -> str:
        """Remember each model on its way to the compiler; what follows is the placing."""
        self.xml = xml
        self._rewind(_PLACES)
        return xml

    def _rewind(self, stream: int) -> None:
        # In place: samplers keep the generator they were made with.
        fresh = np.random.default_rng(self._seeds[stream])
        self.env.rng.bit_generator.state = fresh.bit_generator.state

    def _load(self, xml: str) -> None:
        """Take a recorded model; one that robosuite cannot use leaves everything as it was."""
        xml = self.env.edit_model_xml(xml)
        try:
            recorded = self.mujoco.MjModel.from_xml_string(xml)
        except ValueError as error:
            raise EnvError(f"{_UNUSABLE} ({message_line(error)}); {_DO_WITHOUT}") from error
        missing = sorted(self._names(self.model) - self._names(recorded))
        if missing:
            raise EnvError(f"{_UNUSABLE} (it has no {missing[0]!r}); {_DO_WITHOUT}")
        self.env.reset_from_xml_string(xml)

    def _names(self, model: Any) -> set[str]:
        """Return the names of joints and motors, which robosuite looks for."""
        kinds = self.mujoco.mjtObj
        pairs = ((kinds.mjOBJ_JOINT, model.njnt), (kinds.mjOBJ_ACTUATOR, model.nu))
        name = self.mujoco.mj_id2name
        return {name(model, kind, i) for kind, count in pairs for i in range(count)}

    def _grippers(self) -> list[Any]:
        parts = [gripper for robot in self.env.robots for gripper in robot.gripper.values()]
        return [gripper for gripper in parts if gripper.dof]

    def _arms(self) -> list[Any]:
        return [robot.part_controllers[arm] for robot in self.env.robots for arm in robot.arms]

    def _wake_controllers(self) -> None:
        """Let the controllers read the state anew: after a reset they would act on the old one."""
        for robot in self.env.robots:
            for controller in robot.part_controllers.values():
                controller.new_update = True

    def _markers(self) -> list[Any]:
        return getattr(self.env.model.mujoco_arena, "markers", [])

    def _wiped(self) -> list[Any]:
        return getattr(self.env, "wiped_markers", [])

    def wiped(self) -> np.ndarray:
        """Return which markers of dirt are gone, (n,) float."""
        return np.array([marker in self._wiped() for marker in self._markers()], np.float32)

    def _sensors(self) -> list[Any]:
        return list(self.env._observables.values())

    def _recall(self, values: np.ndarray) -> None:
        """Let the sensors show `values` again: relative poses come a step late."""
        start = 0
        for sensor in self._sensors():
            shape = np.shape(sensor._current_observed_value)
            size = int(np.prod(shape))
            shown = np.array(values[start : start + size]).reshape(shape)
            sensor._current_observed_value = shown
            self.env._obs_cache[sensor.name] = shown.copy()
            start += size


def _opening(gripper: Any) -> np.ndarray:
    """Return where a gripper was told to be; robosuite keeps one number until it first moves."""
    return np.broadcast_to(gripper.current_action, (len(gripper.actuators),)).copy()


def load_robosuite() -> Any:
    """Return the module `robosuite`, without its notes on optional parts.

    Raises:
        MissingExtraError: when it is not installed.
    """
    # robosuite would decide on EGL, also where only OSMesa is present.
    os.environ.setdefault("MUJOCO_GL", gl_backend() or "egl")
    log = logging.getLogger("robosuite_logs")
    log.disabled = True
    try:
        suite = importlib.import_module("robosuite")
    except ImportError as error:
        raise MissingExtraError("RobosuiteEnv", "muse-envs", "robosuite") from error
    finally:
        log.disabled = False
    log.setLevel(logging.ERROR)
    return suite


def _robomimic_env(name: str, settings: dict[str, Any]) -> Any:
    """Return the robosuite environment as robomimic builds it."""
    try:
        module = importlib.import_module("robomimic.envs.env_robosuite")
    except ImportError as error:
        raise EnvError(
            f"RobosuiteEnv: backend='robomimic' cannot be used here: {message_line(error)}; "
            "robomimic 0.3 of PyPI wants mujoco_py, which robosuite 1.5 has left; use "
            "backend='robosuite', which gives the same observations"
        ) from error
    chosen_by_robomimic = ("has_renderer", "has_offscreen_renderer", "use_camera_obs")
    rest = {k: v for k, v in settings.items() if k not in (*chosen_by_robomimic, "ignore_done")}
    return module.EnvRobosuite(name, **rest).env

"""One environment of RoboHive without a window, silent, and with its randomness under control."""

from __future__ import annotations

import importlib
import io
import os
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.mujoco.loading import load_mujoco
from muse.envs.mujoco.physics import is_sound, read_state, write_state
from muse.envs.robohive.loading import EXTRA, load_robohive, robohive_folder
from muse.envs.robohive.model_cache import mended_models
from muse.envs.robohive.simhive import find_simhive
from muse.envs.robohive.tasks import Task
from muse.envs.simulator_error import SimulatorError

#: What resets change in the model.
_EDITED = (
    *("body_pos", "body_quat", "site_pos"),
    *("geom_type", "geom_size", "geom_pos", "geom_quat", "geom_rgba"),
)


class Look(NamedTuple):
    """What RoboHive says of a moment.

    Args:
        keys: its observations by name, each (n,) float64.
        info: `time` (s), `rwd_dense`, `rwd_sparse`, `solved`, `done`.
    """

    keys: Mapping[str, np.ndarray]
    info: Mapping[str, Any]


class Simulation:
    """RoboHive's environment of a task.

    Args:
        task: which.
        simhive: SimHive's folder; None looks for it (`find_simhive`).
        frame_skip: physics steps in a step; None leaves the task's own.
    """

    def __init__(self, task: Task, simhive: str | None, frame_skip: int | None) -> None:
        self.mujoco = load_mujoco("RoboHiveEnv", EXTRA)
        package = robohive_folder()
        models = mended_models(package, find_simhive(simhive, package, task.suite.models))
        load_robohive()
        spec = importlib.import_module("gymnasium").registry[task.env_id]
        settings = _with_models(spec.kwargs, package, models)
        if frame_skip is not None:
            settings["frame_skip"] = frame_skip
        module, _, name = spec.entry_point.partition(":")
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # gymnasium's, of float64 limits
            self.env: Any = getattr(importlib.import_module(module), name)(seed=0, **settings)
        scene = self.env.sim
        self._error = importlib.import_module("dm_control.rl.control").PhysicsError
        bodies = [self.model.body(name).id for name in task.suite.shaped]
        self._shaped = np.flatnonzero(np.isin(self.model.geom_bodyid, bodies))
        # RoboHive would go on from the start of the episode when the physics blow up.
        scene.advance = lambda substeps, render: scene.sim.step(substeps)

    @property
    def model(self) -> Any:
        """The `mujoco.MjModel`."""
        return self.env.sim.model.ptr

    @property
    def data(self) -> Any:
        """The `mujoco.MjData`."""
        return self.env.sim.data.ptr

    @property
    def step_time(self) -> float:
        """Seconds in a step."""
        return float(self.env.dt)

    def reset(self, rng: np.random.Generator) -> Look:
        """Begin an episode drawn from `rng`."""
        self.env.np_random = self.env.robot.np_random = rng
        self._run(self.env.reset)
        return self.look()

    def step(self, action: np.ndarray) -> Look:
        """Apply `action` (n,), each number in [-1, 1].

        Raises:
            SimulatorError: when the physics blow up.
        """
        self._run(lambda: self.env.step(action))
        return self._last()

    def look(self) -> Look:
        """Return what is observed of the present state."""
        # RoboHive sets the state to what its sensors say: they must have seen it.
        self.mujoco.mj_forward(self.model, self.data)
        self._run(self.env.forward)
        return self._last()

    def move_bodies(self) -> None:
        """Put bodies, sites and joints' axes where `data.qpos` says; forces stay as they are."""
        self.mujoco.mj_kinematics(self.model, self.data)
        self.mujoco.mj_comPos(self.model, self.data)

    @property
    def shapes(self) -> np.ndarray:
        """What an episode drew, (geoms, 11): type, size, place and quaternion of each geom."""
        names = ("geom_size", "geom_pos", "geom_quat")
        numbers = [getattr(self.model, name)[self._shaped] for name in names]
        return np.hstack([self.model.geom_type[self._shaped, None], *numbers])

    @shapes.setter
    def shapes(self, rows: np.ndarray) -> None:
        model, geoms = self.model, self._shaped
        model.geom_type[geoms] = rows[:, 0]
        model.geom_size[geoms], model.geom_pos[geoms] = rows[:, 1:4], rows[:, 4:7]
        model.geom_quat[geoms] = rows[:, 7:]

    def is_sound(self) -> bool:
        """Return whether the state is finite and nothing has blown up since the reset."""
        return is_sound(self.mujoco, self.data)

    def save(self) -> AttrDict:
        """Return the state as fresh arrays: physics, what resets edit, and the goal."""
        state = AttrDict({name: getattr(self.model, name).copy() for name in _EDITED})
        state["physics"] = read_state(self.mujoco, self.model, self.data)
        if hasattr(self.env, "obj_goal"):
            state["goal"] = self.env.obj_goal.copy()
        return state

    def restore(self, state: Mapping[str, Any]) -> Look:
        """Go to what `save` returned."""
        for name in _EDITED:
            getattr(self.model, name)[:] = state[name]
        if "goal" in state:
            self.env.obj_goal = np.array(state["goal"])
        write_state(self.mujoco, self.model, self.data, state["physics"])
        look = self.look()
        # Looking moved the solver's warm start, on which the next step depends.
        write_state(self.mujoco, self.model, self.data, state["physics"])
        return look

    def close(self) -> None:
        """Free the physics."""
        self.env.sim.sim.free()

    def _last(self) -> Look:
        env = self.env
        keys = {name: np.array(value, np.float64) for name, value in env.obs_dict.items()}
        if len(self._shaped):
            keys["object_shapes"] = self.shapes.reshape(-1)
        rewards = {f"rwd_{kind}": float(env.rwd_dict[kind]) for kind in ("dense", "sparse")}
        flags = {name: bool(env.rwd_dict[name]) for name in ("solved", "done")}
        return Look(keys, {"time": float(keys["time"]), **rewards, **flags})

    def _run(self, call: Callable[[], Any]) -> None:
        try:
            call()
        except self._error as error:
            raise SimulatorError(f"RoboHiveEnv: {error}") from error


def _with_models(given: Mapping[str, Any], package: Path, models: Path) -> dict[str, Any]:
    """Return the settings of a task with its files among `models`, and without pictures."""
    inside = f"{package / 'envs'}{os.sep}"
    settings = dict(given)
    for name, value in given.items():
        if isinstance(value, str) and value.startswith(inside):
            settings[name] = os.path.normpath(models / value.removeprefix(inside))
    return settings

"""The observations of `RobosuiteEnv`: their rows in a spec, and how they are read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.robosuite import rotations
from muse.envs.robosuite.simulation import Simulation
from muse.envs.robosuite.tasks import ROBOT_JOINTS, Task

_ANY, _UNIT = (-math.inf, math.inf), (-1.0, 1.0)
Row = tuple[str, tuple[int, ...], tuple[Any, Any], str]


def observation_rows(params: AttrDict, task: Task) -> list[Row]:
    """Return (name, shape, limits, dtype) of every observation."""
    rows: list[Row] = [("object", (task.object_size,), _ANY, "float32")]
    for arm in range(task.arms):
        rows += _robot_rows(f"robot{arm}_", *ROBOT_JOINTS[params.robots], task.gripper)
    if params.parse_objects:
        n = len(task.bodies)
        rows += [
            ("objects/position", (n, 3), _ANY, "float32"),
            ("objects/orientation", (n, 4), _UNIT, "float32"),
            ("objects/orientation_eul", (n, 3), (-math.pi, math.pi), "float32"),
        ]
        if not task.gripper:
            rows.append(("objects/wiped", (n,), (0, 1), "float32"))
    pixels = (params.img_height, params.img_width, 3)
    rows += [(name, pixels, (0, 255), "uint8") for name in cameras(params, task)]
    return rows


def cameras(params: AttrDict, task: Task) -> dict[str, str]:
    """Return the image observations: name -> camera."""
    found = {}
    if params.imgs:
        found["image"] = params.offscreen_camera or task.camera
    if params.ego_imgs:
        found["ego_image"] = params.ego_camera
    return found | {f"{camera}_image": camera for camera in params.cameras}


def read_observations(
    params: AttrDict, task: Task, simulation: Simulation, observed: Mapping[str, Any]
) -> AttrDict:
    """Return all but the images as leaves (1, ...) float32.

    Args:
        observed: what robosuite gave.
    """
    obs = AttrDict(object=_row(observed["object-state"]))
    for arm in range(task.arms):
        prefix = f"robot{arm}_"
        for part in ("eef_pos", "eef_quat", "joint_pos", "joint_vel"):
            obs[prefix + part] = _row(observed[prefix + part])
        for part in ("joint_pos_cos", "joint_pos_sin"):
            obs[prefix + part] = _row(observed[prefix + part])
        obs[prefix + "eef_eul"] = rotations.to_euler(obs[prefix + "eef_quat"])
        linear, angular = _hand_velocity(simulation, arm)
        obs[prefix + "eef_vel_lin"], obs[prefix + "eef_vel_ang"] = _row(linear), _row(angular)
        if task.gripper:
            for part in ("gripper_qpos", "gripper_qvel"):
                obs[prefix + part] = _row(observed[prefix + part])
    if params.parse_objects:
        position, quat = simulation.body_poses()
        obs["objects/position"], obs["objects/orientation"] = _row(position), _row(quat)
        obs["objects/orientation_eul"] = rotations.to_euler(obs["objects/orientation"])
        if not task.gripper:
            obs["objects/wiped"] = simulation.wiped()[None]
    return obs


def _robot_rows(prefix: str, joints: int, fingers: int, gripper: bool) -> list[Row]:
    pi = math.pi
    shapes: dict[str, tuple[int, tuple[float, float]]] = {
        "eef_pos": (3, _ANY),
        "eef_quat": (4, _UNIT),
        "eef_eul": (3, (-pi, pi)),
        "eef_vel_lin": (3, _ANY),
        "eef_vel_ang": (3, _ANY),
        "joint_pos": (joints, _ANY),
        "joint_pos_cos": (joints, _UNIT),
        "joint_pos_sin": (joints, _UNIT),
        "joint_vel": (joints, _ANY),
    }
    if gripper:
        shapes |= {"gripper_qpos": (fingers, _ANY), "gripper_qvel": (fingers, _ANY)}
    return [(prefix + n, (size,), limits, "float32") for n, (size, limits) in shapes.items()]


def _hand_velocity(simulation: Simulation, arm: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the hand's linear (m/s) and angular (rad/s) velocity in the world, each (3,)."""
    data = simulation.env.sim.data
    hand = simulation.env.robots[arm].robot_model.eef_name["right"]
    return data.get_body_xvelp(hand), data.get_body_xvelr(hand)


def _row(value: Any) -> np.ndarray:
    return np.asarray(value, np.float32)[None]

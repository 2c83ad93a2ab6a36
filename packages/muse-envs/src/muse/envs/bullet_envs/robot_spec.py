"""What a `RobotBulletEnv` observes of its arm and takes as action."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.camera import IMAGE_NAMES
from muse.envs.bullet_envs.panda import GRIPPER_SHUT, LOWER, UPPER
from muse.envs.outputs import OUTPUT_NAMES, output_rows

Rows = list[tuple[Any, ...]]
#: Low and high corner of where the tool may be sent, m.
Workspace = tuple[tuple[float, float, float], tuple[float, float, float]]

#: How far roll and pitch may lean, and yaw turn, from the hand pointing straight down, rad.
MAX_EULER = (0.5, 0.5, 2.2)
TARGET_NAMES = ("target/ee_position", "target/ee_orientation_eul", "target/gripper_pos")
INF = math.inf


def action_limits(env_params: AttrDict, workspace: Workspace) -> tuple[np.ndarray, np.ndarray]:
    """Return the true limits (7,) of `action`: position, Euler or rotation vector, gripper."""
    if env_params.action_mode == "delta":
        step = [env_params.max_delta_position] * 3 + [env_params.max_delta_orientation] * 3
        return np.array([*(-s for s in step), 0.0]), np.array([*step, GRIPPER_SHUT])
    low, high = workspace
    return np.array([*low, *(-e for e in MAX_EULER), 0.0]), np.array(
        [*high, *MAX_EULER, GRIPPER_SHUT]
    )


def robot_rows(env_params: AttrDict) -> Rows:
    """Return the observations of the arm, (name, shape, limits, dtype)."""
    gripper = (0.0, GRIPPER_SHUT)
    fingers = [0.0, 0.0], [0.04, 0.04]
    # Fingers pressed apart, and joints at their stops, give way by a little.
    joints = ([*(LOWER - 0.1), *(f - 0.01 for f in fingers[0])],
              [*(UPPER + 0.1), *(f + 0.01 for f in fingers[1])])  # fmt: skip
    rows: Rows = [
        ("wrist_ft", (6,), (-INF, INF), "float32"),
        ("ee_position", (3,), (-1.5, 1.5), "float32"),
        ("ee_orientation_eul", (3,), (-math.pi, math.pi), "float32"),
        ("ee_velocity", (3,), (-INF, INF), "float32"),
        ("ee_angular_velocity", (3,), (-INF, INF), "float32"),
        ("joint_positions", (9,), joints, "float32"),
        ("gripper_pos", (1,), gripper, "float32"),
        ("gripper_tip_pos", (3,), (-1.5, 1.5), "float32"),
        ("finger_left_contact", (1,), (0.0, 1.0), "float32"),
        ("finger_right_contact", (1,), (0.0, 1.0), "float32"),
    ]
    if env_params.compute_images:
        size = (env_params.img_height, env_params.img_width, 3)
        rows += [(IMAGE_NAMES[name], size, (0, 255), "uint8") for name in env_params.cameras]
    return rows


def robot_spec_params(
    env_params: AttrDict, workspace: Workspace, observed: Rows, fixed: Rows
) -> AttrDict:
    """Return the parameters of the spec of an arm among `observed` things.

    Args:
        env_params: of the environment.
        workspace: where the tool may be sent.
        observed: rows of further observations.
        fixed: rows of what is given once an episode.
    """
    low, high = action_limits(env_params, workspace)
    euler = np.array(MAX_EULER)
    rows = robot_rows(env_params) + observed
    outputs: Rows = [
        *output_rows(),
        ("target/ee_position", (3,), workspace, "float32"),
        ("target/ee_orientation_eul", (3,), (-euler, euler), "float32"),
        ("target/gripper_pos", (1,), (0.0, GRIPPER_SHUT), "float32"),
    ]
    return AttrDict(
        cls="muse.core.spec.ParamEnvSpec",
        names_shapes_limits_dtypes=[
            *rows,
            *fixed,
            *outputs,
            ("action", (7,), (low, high), "float32"),
        ],
        observation_names=[row[0] for row in rows],
        output_observation_names=[*OUTPUT_NAMES, *TARGET_NAMES],
        action_names=["action"],
        param_names=[row[0] for row in fixed],
    )

"""How an arm is brought to a waypoint, as pure functions of its pose (for HYDRA's sparse mode).

The same functions serve the simulated and the real arm: time step, speeds and names are parameters
(`REAL_ARM_DYNAMICS`, `REAL_ARM_NAMES` for the latter).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import SpecError
from muse.envs.robosuite import rotations

#: (pose (B, S), target (B, S)) -> (action (B, A), pose one step on (B, S), reached (B,) bool).
WaypointDynamics = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]

#: The names of the parts of a pose and of a waypoint in `RobosuiteEnv`'s data, and the real arm's.
ROBOSUITE_NAMES = MappingProxyType(
    {
        "state_keys": ("robot0_eef_pos", "robot0_eef_quat"),
        "target_keys": ("target/position", "target/orientation"),
    }
)
REAL_ARM_NAMES = MappingProxyType(
    {
        "state_keys": ("ee_position", "ee_orientation"),
        "target_keys": ("target/ee_position", "target/ee_orientation"),
    }
)
#: The real arm: 10 Hz, actions in m and rad.
REAL_ARM_DYNAMICS = MappingProxyType(
    {"DT": 0.1, "max_pos_vel": 0.25, "max_ori_vel": 2.5, "scale_action": False}
)


def get_wp_dynamics_fn(
    fast_dynamics: bool = True,
    no_ori: bool = False,
    max_pos_vel: float = 0.4,
    max_ori_vel: float = 5.0,
    DT: float = 0.05,
    TOL: float = 0.0075,
    ORI_TOL: float = 0.075,
    true_max_pos_vel: float = 1.0,
    true_max_ori_vel: float = 10.0,
    scale_action: bool = True,
) -> WaypointDynamics:
    """Return the step towards a waypoint: straight, and no faster than the limits.

    Args:
        fast_dynamics: move at the limits; False at half of them.
        no_ori: leave the orientation alone; poses then need 3 numbers, an action has 3.
        max_pos_vel, max_ori_vel: limits, m/s and rad/s.
        DT: time of a step, s.
        TOL, ORI_TOL: how near is reached, m and rad.
        true_max_pos_vel, true_max_ori_vel: what an action of 1 means, m/s and rad/s.
        scale_action: give actions in those units, within [-1, 1]; False: in m and rad a step.

    Returns:
        A function of a pose and a target: position (B, 3), then the quaternion (B, 4) xyzw or the
        Euler angles (B, 3), each of the two in its own way.
    """
    share = 1.0 if fast_dynamics else 0.5
    units = (true_max_pos_vel * DT, true_max_ori_vel * DT) if scale_action else (1.0, 1.0)

    def dynamics(pose: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        pose, target = np.asarray(pose, np.float64), np.asarray(target, np.float64)
        missing = target[:, :3] - pose[:, :3]
        move = shortened(missing, share * max_pos_vel * DT)
        reached = np.linalg.norm(missing, axis=-1) < TOL
        action, after = move / units[0], [pose[:, :3] + move]
        if not no_ori:
            quat, aim = _quaternion(pose[:, 3:]), _quaternion(target[:, 3:])
            left = rotations.to_rotation_vector(rotations.multiply(aim, rotations.inverse(quat)))
            turn = shortened(left, share * max_ori_vel * DT)
            reached &= np.linalg.norm(left, axis=-1) < ORI_TOL
            action = np.concatenate([action, turn / units[1]], axis=-1)
            turned = rotations.multiply(rotations.from_rotation_vector(turn), quat)
            after.append(turned if pose.shape[1] == 7 else rotations.to_euler(turned))
        else:
            after.append(pose[:, 3:])
        if scale_action:
            action = np.clip(action, -1.0, 1.0)
        return action, np.concatenate(after, axis=-1), reached

    return dynamics


def get_rs_online_action_postproc_fn(
    wp_dynamics_fn: WaypointDynamics | None = None,
    mode_key: str = "mode",
    action_key: str = "action",
    state_keys: Sequence[str] = ROBOSUITE_NAMES["state_keys"],
    target_keys: Sequence[str] = ROBOSUITE_NAMES["target_keys"],
    **dynamics: Any,
) -> Callable[[Any, AttrDict, AttrDict, AttrDict], AttrDict]:
    """Return what turns a model's outputs into the action of one step.

    Where the mode is sparse (below 0.5) the arm's part of the action leads to the waypoint and the
    gripper's part is that of the dense action; a horizon is cut to its first step.

    Args:
        wp_dynamics_fn: the dynamics; None builds them from `dynamics`.
        mode_key: the mode, (B, 1); outputs without it are dense.
        action_key: the dense action, arm before gripper.
        state_keys, target_keys: parts of the pose and of the waypoint: position, then a quaternion
            or Euler angles.
        dynamics: of `get_wp_dynamics_fn`; not beside `wp_dynamics_fn`.

    Returns:
        (model, obs, goal, outputs) -> action: observations (B, …) or (B, H, …), of which the last
        step counts; outputs in physical units, (B, …) or (B, H, …).

    Raises:
        TypeError: for `dynamics` beside a ready `wp_dynamics_fn`, which they could not change.
    """
    if wp_dynamics_fn is not None and dynamics:
        raise TypeError(
            f"{sorted(dynamics)} cannot change a ready wp_dynamics_fn: give one of them"
        )
    step = wp_dynamics_fn or get_wp_dynamics_fn(**dynamics)

    def postproc(model: Any, obs: AttrDict, goal: AttrDict, outputs: AttrDict) -> AttrDict:
        action = _one_step(outputs[action_key], 0)
        if mode_key not in outputs:
            return AttrDict.from_kvs([action_key], [action])
        pose = np.concatenate([_one_step(obs[key], -1) for key in state_keys], axis=-1)
        target = np.concatenate([_one_step(outputs[key], 0) for key in target_keys], axis=-1)
        arm, _, _ = step(pose, target)
        sparse = _one_step(outputs[mode_key], 0) < 0.5
        mixed = np.concatenate([arm, action[:, arm.shape[1] :]], axis=-1)
        chosen = np.where(sparse, mixed, action).astype(action.dtype)
        return AttrDict.from_kvs([action_key], [chosen])

    return postproc


def rs_gripper_width_as_contact_fn(gripper_qpos: np.ndarray, threshold: float = 0.05) -> np.ndarray:
    """Return whether the fingers (..., 2) m are less than `threshold` apart, (..., 1) bool."""
    gap = np.abs(gripper_qpos[..., :1] - gripper_qpos[..., 1:2])
    contact: np.ndarray = gap < threshold
    return contact


def shortened(vectors: np.ndarray, limit: float) -> np.ndarray:
    """Return vectors (..., n) in their directions, none longer than `limit`."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: np.ndarray = vectors * np.minimum(1.0, limit / np.maximum(length, 1e-12))
    return result


def _quaternion(orientation: np.ndarray) -> np.ndarray:
    width = orientation.shape[-1]
    if width not in (3, 4):
        raise SpecError(
            f"a pose holds {width} numbers beside its position, expected 4 (quaternion xyzw) or 3 "
            "(Euler angles); with no_ori=True none are needed"
        )
    return orientation if width == 4 else rotations.from_euler(orientation)


def _one_step(value: Any, index: int) -> np.ndarray:
    """Return (B, D), of a horizon (B, H, D) its step `index`."""
    array = np.asarray(value)
    return array[:, index] if array.ndim == 3 else array

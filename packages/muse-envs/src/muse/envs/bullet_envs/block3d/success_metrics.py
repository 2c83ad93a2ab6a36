"""How near a state of the 3-D environments comes to the goal of a play primitive."""

from __future__ import annotations

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.rotations import angle_between

#: Tolerances: of the object's pose, of its place in drawer and cabinet, of drawer and door.
POSITION_TOLERANCE, HARD_POSITION_TOLERANCE, ANGLE_TOLERANCE = 0.025, 0.05, np.deg2rad(15.0)
DRAWER_TOLERANCE, CABINET_TOLERANCE = 0.02, np.deg2rad(10.0)
#: A button counts as pressed from here on, m.
PRESSED_AT = -0.01
#: What share of the score the position has; the angle has the rest.
POSITION_WEIGHT, ROTATION_POSITION_WEIGHT = 0.75, 0.25
SUCCESS_SCORE = 0.5


def block3d_success_metrics(primitive: str, obs: AttrDict, goal: AttrDict) -> AttrDict:
    """Judge observations (B, ...) by the goal (B, ...) of a primitive.

    Primitives that handle the object score w [position] + (1 - w) [angle], where a bracket is 1
    within its tolerance, 2.5 cm (5 cm for `move_*`) and 15 degrees, and else 0; w is 0.75, and
    0.25 for `top_rot_*`. The others score 1 within 2 cm of the drawer's goal, 10 degrees of the
    cabinet door's, or when the button is pressed by 1 cm.

    Args:
        primitive: such as `push_left`, `top_rot_right`, `drawer_open`, `press_button_0`.
        obs: what the environment gave.
        goal: what the environment's `reset` gave beside it.

    Returns:
        `score` (B,) 0 to 1, `success` (B,) bool, score 0.5 or more, and `error` (B,): m, or rad
        for the cabinet; for `top_rot_*` rad of the angle.
    """
    if primitive.startswith("drawer"):
        error = _distance(obs, goal, "drawer/joint_position")
        score = error <= DRAWER_TOLERANCE
    elif primitive.startswith("cabinet"):
        error = _distance(obs, goal, "cabinet/joint_position")
        score = error <= CABINET_TOLERANCE
    elif primitive.startswith("press_button"):
        which = int(primitive[-1])
        height = obs["buttons/joint_position"][:, which].astype(np.float64)
        error = np.maximum(height - PRESSED_AT, 0.0)
        score = height <= PRESSED_AT
    else:
        return _object_metrics(primitive, obs, goal)
    return AttrDict(score=score.astype(np.float64), success=score, error=error)


def _object_metrics(primitive: str, obs: AttrDict, goal: AttrDict) -> AttrDict:
    rotates, hard = primitive.startswith("top_rot"), primitive.startswith("move")
    weight = ROTATION_POSITION_WEIGHT if rotates else POSITION_WEIGHT
    off = _distance(obs, goal, "objects/position")
    turned = angle_between(
        obs["objects/orientation_eul"][:, 0], goal["goal/objects/orientation_eul"][:, 0]
    )
    near = off <= (HARD_POSITION_TOLERANCE if hard else POSITION_TOLERANCE)
    score = weight * near + (1.0 - weight) * (turned <= ANGLE_TOLERANCE)
    return AttrDict(score=score, success=score >= SUCCESS_SCORE, error=turned if rotates else off)


def _distance(obs: AttrDict, goal: AttrDict, name: str) -> np.ndarray:
    """Return the distance (B,) of an observation from its goal."""
    difference = obs[name].astype(np.float64) - goal[f"goal/{name}"]
    return np.linalg.norm(difference.reshape(len(difference), -1), axis=1)

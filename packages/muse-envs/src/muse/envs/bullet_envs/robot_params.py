"""The parameters of `RobotBulletEnv`."""

from __future__ import annotations

from collections.abc import Callable

from muse.core.params import Param, non_negative, positive
from muse.envs.bullet_envs.camera import IMAGE_NAMES


def _cameras(value: list[str]) -> str | None:
    known = value and len({*value}) == len(value) and {*value} <= {*IMAGE_NAMES}
    return None if known else f"one or more of {list(IMAGE_NAMES)}, each once"


def _three(value: list[float]) -> str | None:
    return None if len(value) == 3 else "three numbers"


ROBOT_PARAMS: tuple[Param, ...] = (
    Param("time_step", float, 0.02, "period of the controller", "s", check=positive),
    Param("skip_n_frames", int, 5, "controller periods in one step", check=positive),
    Param("sub_steps", int, 4, "physics steps in one controller period", check=positive),
    Param("control_inner_step", bool, True,
          "control in every period; False: once a step, for controller='position' alone"),
    Param("controller", str, "osc", "operational-space torques, or joint positions by inverse "
          "kinematics", choices=("osc", "position")),
    Param("stiffness", float, 100.0, "kp of operational space", "1/s^2", check=positive),
    Param("damping", float, 20.0, "kd of operational space", "1/s", check=positive),
    Param("posture", float, 3.0, "kp of the posture in the null space", "1/s^2",
          check=non_negative),
    Param("max_speed", float, 0.7, "of the tool, in operational space", "m/s", check=positive),
    Param("max_spin", float, 2.5, "of the tool, in operational space", "rad/s",
          check=positive),
    Param("action_mode", str, "absolute", "what `action` holds",
          choices=("absolute", "delta")),
    Param("max_delta_position", float, 0.05, "limit of a change in x, y and z", "m",
          check=positive),
    Param("max_delta_orientation", float, 0.25, "limit of a change in each turn", "rad",
          check=positive),
    Param("use_gravity", bool, True, "bodies fall"),
    Param("max_steps", int | None, None, "steps until the episode is cut off; None for never",
          "steps", check=positive),
    Param("compute_images", bool, False, "observe the pictures of `cameras`"),
    Param("cameras", list[str], ["front"], "which: front gives `image`, wrist `ego_image`",
          check=_cameras),
    Param("img_width", int, 128, "width of a picture", "px", check=positive),
    Param("img_height", int, 128, "height of a picture", "px", check=positive),
    Param("shadows", bool, True, "draw shadows; a picture takes twice as long"),
    Param("env_reward_fn", Callable | str | None, None,
          "function or its import path, (obs, goal, action, next_obs, done, env) -> number, in "
          "place of the task's reward"),
    Param("debug_cam_dist", float, 1.3, "distance of the front camera", "m", check=positive),
    Param("debug_cam_yaw", float, 55.0, "direction of the front camera", "deg"),
    Param("debug_cam_pitch", float, -32.0, "slope of the front camera", "deg"),
    Param("debug_cam_target_pos", list[float], [0.38, 0.0, 0.17],
          "middle of the front camera's picture", "m", check=_three),
    Param("debug_cam_fov", float, 45.0, "vertical field of view of the front camera", "deg",
          check=positive),
    Param("wrist_cam_fov", float, 70.0, "vertical field of view of the wrist camera", "deg",
          check=positive),
)  # fmt: skip

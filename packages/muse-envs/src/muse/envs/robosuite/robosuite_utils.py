"""The helpers of the robosuite tasks, under the names of the documents."""

from __future__ import annotations

from muse.envs.robosuite.spec_params import modify_spec_prms
from muse.envs.robosuite.waypoint_dynamics import (
    get_rs_online_action_postproc_fn,
    get_wp_dynamics_fn,
    rs_gripper_width_as_contact_fn,
)

__all__ = [
    "get_rs_online_action_postproc_fn",
    "get_wp_dynamics_fn",
    "modify_spec_prms",
    "rs_gripper_width_as_contact_fn",
]

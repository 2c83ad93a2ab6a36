"""The Franka, kitchen and hand suites of RoboHive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muse.envs.catalogue.entry import Entry


def _entry(
    name: str, env_name: str, summary: str, camera: str, parts: Sequence[str] = (), **more: Any
) -> Entry:
    return Entry(
        f"robohive-{name}",
        "muse.envs.robohive.robohive_env.RoboHiveEnv",
        summary,
        extra="robohive",
        params={"env_name": env_name, "parts": list(parts)},
        image_params={"cameras": [camera], "image_size": [84, 84]},
        **more,
    )


ENTRIES = (
    _entry(
        "reach",
        "FrankaReachRandom-v0",
        "bring an arm's hand to a point",
        "right_cam",
        expert="muse.policies.robohive_reach_expert.RoboHiveReachExpert",
        presets={"target_pos": [0.1, 0.3, 1.0]},
    ),
    _entry(
        "pick-place",
        "FrankaPickPlaceRandom-v0",
        "take an object to the other bin",
        "right_cam",
        parts=["object_shapes"],
        expert="muse.policies.robohive_pick_place_expert.RoboHivePickPlaceExpert",
    ),
    _entry(
        "microwave",
        "franka_micro_open-v3",
        "open a microwave with an arm",
        "left_cam",
        expert="muse.policies.robohive_kitchen_expert.RoboHiveKitchenExpert",
        expert_params={"env_name": "franka_micro_open-v3"},
    ),
    _entry(
        "cabinet",
        "franka_slide_open-v3",
        "slide a cabinet open with an arm",
        "left_cam",
        expert="muse.policies.robohive_kitchen_expert.RoboHiveKitchenExpert",
        expert_params={"env_name": "franka_slide_open-v3"},
    ),
    _entry(
        "kitchen-light",
        "FK1_LightOnRandom-v4",
        "switch the kitchen's light on",
        "left_cam",
        expert="muse.policies.robohive_kitchen_expert.RoboHiveKitchenExpert",
        expert_params={"env_name": "FK1_LightOnRandom-v4"},
    ),
    _entry(
        "door",
        "door-v1",
        "open a door with a hand of 24 joints",
        "vil_camera",
        expert="muse.policies.adroit_door_expert.AdroitDoorExpert",
    ),
    _entry(
        "hammer",
        "hammer-v1",
        "hammer a nail in with a hand of 24 joints",
        "vil_camera",
        expert="muse.policies.adroit_hammer_expert.AdroitHammerExpert",
    ),
    _entry(
        "pen",
        "pen-v1",
        "turn a pen in the fingers",
        "vil_camera",
        expert="muse.policies.adroit_pen_expert.AdroitPenExpert",
    ),
    _entry(
        "relocate",
        "relocate-v1",
        "carry a ball to a target",
        "vil_camera",
        expert="muse.policies.adroit_relocate_expert.AdroitRelocateExpert",
    ),
)

"""The kitchen, the ant mazes and the Adroit hand."""

from __future__ import annotations

from muse.envs.catalogue.entry import Entry

_PACKAGE = "muse.envs.gym_robotics"
_IMAGE = {"image_obs": True}


def _adroit(task: str, summary: str, expert: str | None = None) -> Entry:
    return Entry(
        f"adroit-{task}",
        f"{_PACKAGE}.adroit_env.AdroitEnv",
        summary,
        extra="kitchen",
        params={"task": task},
        image_params=_IMAGE,
        expert=expert,
    )


ENTRIES = (
    Entry(
        "franka-kitchen",
        f"{_PACKAGE}.franka_kitchen_env.FrankaKitchenEnv",
        "open the microwave, move the kettle, turn a knob, switch the light on",
        extra="kitchen",
        image_params=_IMAGE,
        expert="muse.policies.kitchen_expert.KitchenExpert",
    ),
    Entry(
        "ant-maze",
        f"{_PACKAGE}.ant_maze_env.AntMazeEnv",
        "walk an ant through a maze to a place",
        extra="kitchen",
        image_params=_IMAGE,
        expert="muse.policies.ant_maze_expert.AntMazeExpert",
        presets={"goal": [-4.0, 4.0]},
    ),
    _adroit(
        "door",
        "open a door with a hand of 24 joints",
        expert="muse.policies.adroit_door_expert.AdroitDoorExpert",
    ),
    _adroit(
        "hammer",
        "hammer a nail in with a hand of 24 joints",
        expert="muse.policies.adroit_hammer_expert.AdroitHammerExpert",
    ),
    _adroit(
        "pen",
        "turn a pen in the fingers",
        expert="muse.policies.adroit_pen_expert.AdroitPenExpert",
    ),
    _adroit(
        "relocate",
        "carry a ball to a target",
        expert="muse.policies.adroit_relocate_expert.AdroitRelocateExpert",
    ),
)

"""The manipulation tasks of robosuite."""

from __future__ import annotations

from typing import Any

from muse.envs.catalogue.entry import Entry

_ENV = "muse.envs.robosuite.robosuite_env.RobosuiteEnv"
_EXPERT = "muse.policies.robosuite_policies.WaypointPolicy"
#: Small pictures, drawn without shadows: tens a second instead of a few.
_IMAGES = {"imgs": True, "img_width": 84, "img_height": 84, "fast_render": True}


def _entry(name: str, task: str, summary: str, **params: Any) -> Entry:
    return Entry(
        name,
        _ENV,
        summary,
        extra="robosuite",
        params={"env_name": task, "hard_reset": False, **params},
        image_params=_IMAGES,
        expert=_EXPERT,
        expert_params={"task": task},
    )


ENTRIES = (
    _entry("lift", "Lift", "lift a cube off the table"),
    _entry("stack", "Stack", "stack one cube on another"),
    _entry("can", "PickPlaceCan", "put a can into its bin"),
    _entry("square", "NutAssemblySquare", "fit a square nut onto its peg"),
    _entry("door", "Door", "turn a handle and open the door"),
    _entry("wipe", "Wipe", "wipe a table clean", parse_objects=True),
    _entry("tool-hang", "ToolHang", "assemble a hook and hang a tool on it"),
    _entry("transport", "TwoArmTransport", "hand a hammer from bin to bin with two arms"),
)

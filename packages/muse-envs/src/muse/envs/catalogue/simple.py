"""The environments that need numpy alone."""

from __future__ import annotations

from typing import Any

from muse.envs.catalogue.entry import Entry


def _entry(name: str, summary: str, **params: Any) -> Entry:
    return Entry(
        name,
        "muse.envs.simple.point_mass_env.PointMassEnv",
        summary,
        params=params,
        image_params={"image_obs": True, "image_size": 64},
        expert="muse.policies.point_mass_expert.PointMassExpert",
        presets={"ego": [0.1, 0.2], "target": [0.8, 0.9]},
    )


ENTRIES = (
    _entry("point-mass", "reach a moving target in the unit square"),
    _entry("point-mass-static", "reach a target that stays where it is", target_speed=0.0),
    _entry("point-mass-fleeing", "catch a target that runs", target_speed=1.0),
    _entry(
        "point-mass-obstacles",
        "reach the target around obstacles, with a sparse reward",
        num_obstacles=3,
        sparse_reward=True,
    ),
)

"""The environments that need numpy alone."""

from __future__ import annotations

from muse.envs.catalogue.entry import Entry

ENTRIES = (
    Entry(
        "point-mass",
        "muse.envs.simple.point_mass_env.PointMassEnv",
        "reach a moving target in the unit square",
        expert="muse.policies.point_mass_expert.PointMassExpert",
    ),
)

"""The two-dimensional environments."""

from __future__ import annotations

from muse.envs.catalogue.entry import Entry

ENTRIES = (
    Entry(
        "move-block",
        "muse.envs.pymunk.move_block_env_2d.MoveBlockEnv2D",
        "grab a block and drag it to the goal",
        extra="pymunk",
        params={"disable_images": True},
        image_params={"disable_images": False},
        expert="muse.policies.move_block_expert.MoveBlockExpert",
    ),
    Entry(
        "push-t",
        "muse.envs.pymunk.push_t_env.PushTEnv",
        "push the T onto its mark",
        extra="pymunk",
        image_params={"image_obs": True},
    ),
)

"""The three-dimensional environments of pybullet."""

from __future__ import annotations

from muse.envs.catalogue.entry import Entry

_POLICY = "muse.policies.block3d_play_policy.Block3DPlayPolicy"
_IMAGES = {"compute_images": True}


def _entry(name: str, cls: str, summary: str) -> Entry:
    return Entry(
        name,
        f"muse.envs.bullet_envs.block3d.{cls}",
        summary,
        extra="pybullet",
        image_params=_IMAGES,
        expert=_POLICY,
        presets={"objects/position": [[[0.5, 0.05, 0.03]]]},
    )


ENTRIES = (
    _entry("block-3d", "block_env_3d.BlockEnv3D", "lift a block off the table"),
    _entry("mug-3d", "mug_env_3d.MugEnv3D", "lift a mug off the table"),
    _entry(
        "platform-block-3d",
        "platform_block_env_3d.PlatformBlockEnv3D",
        "put a block onto the nearest platform",
    ),
    _entry(
        "platform-mug-3d",
        "platform_mug_env_3d.PlatformMugEnv3D",
        "put a mug onto the nearest platform",
    ),
    _entry(
        "playroom-3d",
        "drawer_playroom_env_3d.DrawerPlayroomEnv3D",
        "open the drawer of a desk",
    ),
    _entry(
        "button-playroom-3d",
        "drawer_button_playroom_env_3d.DrawerButtonPlayroomEnv3D",
        "press a button on a desk",
    ),
)

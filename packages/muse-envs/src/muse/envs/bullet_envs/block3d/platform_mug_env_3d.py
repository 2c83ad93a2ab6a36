"""One mug on a table with platforms round it."""

from __future__ import annotations

from muse.envs.bullet_envs.block3d.mug_env_3d import MugEnv3D
from muse.envs.bullet_envs.block3d.platform_block_env_3d import PlatformBlockEnv3D


class PlatformMugEnv3D(MugEnv3D, PlatformBlockEnv3D):
    """`PlatformBlockEnv3D` with the mug of `MugEnv3D`."""

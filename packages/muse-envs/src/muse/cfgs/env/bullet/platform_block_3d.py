"""Put a block onto the nearest platform; numbers only."""

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.platform_block_env_3d import PlatformBlockEnv3D

export = AttrDict(
    cls="muse.envs.bullet_envs.block3d.platform_block_env_3d.PlatformBlockEnv3D",
    task="lift_to_platform",
    action_mode="absolute",
    max_steps=150,
    compute_images=False,
    render=False,
)

env_spec = PlatformBlockEnv3D.get_default_env_spec_params(PlatformBlockEnv3D.resolve_params(export))

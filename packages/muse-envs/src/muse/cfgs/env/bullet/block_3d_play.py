"""Play freely with a block between platforms: no task, no goal, no end."""

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.platform_block_env_3d import PlatformBlockEnv3D

export = AttrDict(
    cls="muse.envs.bullet_envs.block3d.platform_block_env_3d.PlatformBlockEnv3D",
    task=None,
    action_mode="absolute",
    max_steps=None,
    compute_images=False,
    render=False,
)

env_spec = PlatformBlockEnv3D.get_default_env_spec_params(PlatformBlockEnv3D.resolve_params(export))

"""Put a mug onto the nearest platform; numbers only."""

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.platform_mug_env_3d import PlatformMugEnv3D

export = AttrDict(
    cls="muse.envs.bullet_envs.block3d.platform_mug_env_3d.PlatformMugEnv3D",
    task="lift_to_platform",
    action_mode="absolute",
    max_steps=150,
    compute_images=False,
    render=False,
)

env_spec = PlatformMugEnv3D.get_default_env_spec_params(PlatformMugEnv3D.resolve_params(export))

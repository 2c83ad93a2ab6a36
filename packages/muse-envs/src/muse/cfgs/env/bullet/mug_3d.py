"""Lift a mug off the table; numbers only."""

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.mug_env_3d import MugEnv3D

export = AttrDict(
    cls="muse.envs.bullet_envs.block3d.mug_env_3d.MugEnv3D",
    task="lift_up",
    action_mode="absolute",
    max_steps=150,
    compute_images=False,
    render=False,
)

env_spec = MugEnv3D.get_default_env_spec_params(MugEnv3D.resolve_params(export))

"""Lift a block off the table; numbers only."""

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.block_env_3d import BlockEnv3D

export = AttrDict(
    cls="muse.envs.bullet_envs.block3d.block_env_3d.BlockEnv3D",
    task="lift_up",
    action_mode="absolute",
    max_steps=150,
    compute_images=False,
    render=False,
)

env_spec = BlockEnv3D.get_default_env_spec_params(BlockEnv3D.resolve_params(export))

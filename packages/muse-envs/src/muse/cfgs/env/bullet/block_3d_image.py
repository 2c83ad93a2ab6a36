"""Lift a block off the table; observations with 128 x 128 images."""

from muse.cfgs.env.bullet.block_3d import export as block_3d
from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.block_env_3d import BlockEnv3D

export = block_3d & AttrDict(compute_images=True, img_width=128, img_height=128)

env_spec = BlockEnv3D.get_default_env_spec_params(BlockEnv3D.resolve_params(export))

"""Grab a block and drag it onto its goal; observations with 64 x 64 images."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.move_block_env_2d import MoveBlockEnv2D

export = AttrDict(
    cls="muse.envs.pymunk.move_block_env_2d.MoveBlockEnv2D",
    num_blocks=1,
    grid_size=[300, 300],
    image_size=[64, 64],
    block_size=40.0,
    tolerance=15.0,
    horizon=80,
    disable_images=False,
    action_noise_prob=0.0,
    action_noise_theta=10.0,
    render=False,
)

env_spec = MoveBlockEnv2D.get_default_env_spec_params(MoveBlockEnv2D.resolve_params(export))

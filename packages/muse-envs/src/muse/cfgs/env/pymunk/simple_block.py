"""Drag a block through a maze that is always the same."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.simple_block_env_2d import SimpleBlockEnv2D

export = AttrDict(
    cls="muse.envs.pymunk.simple_block_env_2d.SimpleBlockEnv2D",
    num_blocks=10,
    image_size=[128, 128],
    horizon=1000,
    disable_images=False,
    render=False,
)

env_spec = SimpleBlockEnv2D.get_default_env_spec_params(SimpleBlockEnv2D.resolve_params(export))

"""Lift a block into a gap between the others."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.arrange_block_env_2d import ArrangeBlockEnv2D

export = AttrDict(
    cls="muse.envs.pymunk.arrange_block_env_2d.ArrangeBlockEnv2D",
    num_blocks=6,
    image_size=[128, 128],
    horizon=400,
    disable_images=False,
    render=False,
)

env_spec = ArrangeBlockEnv2D.get_default_env_spec_params(ArrangeBlockEnv2D.resolve_params(export))

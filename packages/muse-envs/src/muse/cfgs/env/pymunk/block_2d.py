"""Drag the first of ten blocks through a drawn maze to its goal."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.block_env_2d import BlockEnv2D

export = AttrDict(
    cls="muse.envs.pymunk.block_env_2d.BlockEnv2D",
    num_blocks=10,
    grid_size=[600, 600],
    image_size=[128, 128],
    block_size=30.0,
    disable_images=False,
    num_maze_cells=5,
    horizon=1000,
    render=False,
)

env_spec = BlockEnv2D.get_default_env_spec_params(BlockEnv2D.resolve_params(export))

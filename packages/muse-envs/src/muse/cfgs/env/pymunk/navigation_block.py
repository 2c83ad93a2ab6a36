"""Reach the goal in a drawn maze, past blocks."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.navigation_block_env_2d import NavigationBlockEnv2D

export = AttrDict(
    cls="muse.envs.pymunk.navigation_block_env_2d.NavigationBlockEnv2D",
    num_blocks=10,
    image_size=[128, 128],
    tolerance=10.0,
    sparse_reward=True,
    horizon=600,
    disable_images=False,
    render=False,
)

params = NavigationBlockEnv2D.resolve_params(export)
env_spec = NavigationBlockEnv2D.get_default_env_spec_params(params)

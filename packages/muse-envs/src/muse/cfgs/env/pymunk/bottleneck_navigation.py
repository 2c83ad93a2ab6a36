"""Reach the goal through one opening in each of three walls."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.bottleneck_navigation_block_env_2d import BottleneckNavigationBlockEnv2D

export = AttrDict(
    cls="muse.envs.pymunk.bottleneck_navigation_block_env_2d.BottleneckNavigationBlockEnv2D",
    bottleneck_indices=[1, 3, 2],
    horizontal=True,
    randomize_maze=False,
    image_size=[128, 128],
    horizon=600,
    disable_images=False,
    render=False,
)

params = BottleneckNavigationBlockEnv2D.resolve_params(export)
env_spec = BottleneckNavigationBlockEnv2D.get_default_env_spec_params(params)

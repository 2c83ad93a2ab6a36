"""Slide two blocks along their grooves to their marks."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.slider_block_env_2d import SliderBlockEnv2D

export = AttrDict(
    cls="muse.envs.pymunk.slider_block_env_2d.SliderBlockEnv2D",
    num_blocks=2,
    image_size=[128, 128],
    horizon=400,
    disable_images=False,
    render=False,
)

env_spec = SliderBlockEnv2D.get_default_env_spec_params(SliderBlockEnv2D.resolve_params(export))

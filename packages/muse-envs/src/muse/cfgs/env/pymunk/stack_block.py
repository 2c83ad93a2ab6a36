"""Set a block upright onto another shelf."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.stack_block_env_2d import StackBlockEnv2D

export = AttrDict(
    cls="muse.envs.pymunk.stack_block_env_2d.StackBlockEnv2D",
    num_blocks=1,
    image_size=[128, 128],
    horizon=400,
    disable_images=False,
    render=False,
)

env_spec = StackBlockEnv2D.get_default_env_spec_params(StackBlockEnv2D.resolve_params(export))

"""Grab a block and drag it onto its goal; numbers only, nothing is drawn."""

from muse.cfgs.env.pymunk.move_block import export as move_block
from muse.core.attrdict import AttrDict
from muse.envs.pymunk.move_block_env_2d import MoveBlockEnv2D

export = move_block & AttrDict(disable_images=True)

env_spec = MoveBlockEnv2D.get_default_env_spec_params(MoveBlockEnv2D.resolve_params(export))

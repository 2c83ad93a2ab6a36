"""Collecting: every third action or so is turned as it is executed, the record keeps the expert's.

So the demonstrations show how to come back from states the expert alone would never visit (as in
DART, Laskey et al. 2017).
"""

from muse.cfgs.env.pymunk.move_block import env_spec as move_block_spec
from muse.cfgs.env.pymunk.move_block import export as move_block
from muse.core.attrdict import AttrDict

export = move_block & AttrDict(action_noise_prob=0.3, action_noise_theta=60.0)

env_spec = move_block_spec

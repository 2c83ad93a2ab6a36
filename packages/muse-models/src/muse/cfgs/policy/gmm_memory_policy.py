"""The policy of a mixture: choose a component by its weight, then take its mean."""

from muse.cfgs.policy.memory_policy import export as memory_policy
from muse.core.attrdict import AttrDict

export = memory_policy & AttrDict(action_mode="sample", noise_scale=0.0)

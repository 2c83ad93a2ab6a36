"""The policy of a recurrent model; its memory starts anew at the horizon it was trained with."""

from muse.configs import Field
from muse.core.attrdict import AttrDict

export = AttrDict(
    cls="muse.policies.memory_policy.MemoryPolicy",
    action_mode="mean",
    noise_scale=1.0,
    flush_horizon=Field("horizon"),
    timeout=0,
)

"""A goal policy without goals; the next one would be due after two steps."""

from muse.core.attrdict import AttrDict

export = AttrDict(cls="muse.policies.basic_policy.BasicPolicy", timeout=2)

"""RoboHive: an arm takes an object to the other bin."""

from muse.core.attrdict import AttrDict
from muse.envs.robohive.robohive_env import RoboHiveEnv

export = AttrDict(
    cls="muse.envs.robohive.robohive_env.RoboHiveEnv",
    env_name="FrankaPickPlaceRandom-v0",
)

env_spec = RoboHiveEnv.get_default_env_spec_params(RoboHiveEnv.resolve_params(export))

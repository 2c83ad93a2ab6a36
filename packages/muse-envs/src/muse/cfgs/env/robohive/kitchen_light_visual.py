"""RLHive: switch the kitchen's light on, by two cameras of 224 x 224 px and the joints."""

from muse.core.attrdict import AttrDict
from muse.envs.robohive.robohive_env import RoboHiveEnv

export = AttrDict(
    cls="muse.envs.robohive.robohive_env.RoboHiveEnv",
    env_name="visual_kitchen_light_on-v3",
)

env_spec = RoboHiveEnv.get_default_env_spec_params(RoboHiveEnv.resolve_params(export))

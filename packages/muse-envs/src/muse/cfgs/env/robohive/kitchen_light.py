"""RoboHive: switch the kitchen's light on."""

from muse.core.attrdict import AttrDict
from muse.envs.robohive.robohive_env import RoboHiveEnv

export = AttrDict(
    cls="muse.envs.robohive.robohive_env.RoboHiveEnv",
    env_name="FK1_LightOnRandom-v4",
)

env_spec = RoboHiveEnv.get_default_env_spec_params(RoboHiveEnv.resolve_params(export))

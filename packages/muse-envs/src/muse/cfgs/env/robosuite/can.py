"""PickPlaceCan: a can into its bin, low-dimensional."""

from muse.core.attrdict import AttrDict
from muse.envs.robosuite.robosuite_env import RobosuiteEnv

export = AttrDict(
    cls="muse.envs.robosuite.robosuite_env.RobosuiteEnv",
    env_name="PickPlaceCan",
)

env_spec = RobosuiteEnv.get_default_env_spec_params(RobosuiteEnv.resolve_params(export))

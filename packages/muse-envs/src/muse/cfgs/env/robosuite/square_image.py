"""NutAssemblySquare with a fixed and a wrist camera of 84 x 84 px."""

from muse.core.attrdict import AttrDict
from muse.envs.robosuite.robosuite_env import RobosuiteEnv

export = AttrDict(
    cls="muse.envs.robosuite.robosuite_env.RobosuiteEnv",
    env_name="NutAssemblySquare",
    imgs=True,
    ego_imgs=True,
    img_width=84,
    img_height=84,
    fast_render=True,
)

env_spec = RobosuiteEnv.get_default_env_spec_params(RobosuiteEnv.resolve_params(export))

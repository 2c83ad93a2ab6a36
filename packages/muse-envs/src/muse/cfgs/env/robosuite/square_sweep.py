"""NutAssemblySquare from a grid of 5 places and 10 turns of the nut: 50 starts for evaluation."""

from muse.core.attrdict import AttrDict
from muse.envs.robosuite.robosuite_env import RobosuiteEnv

export = AttrDict(
    cls="muse.envs.robosuite.robosuite_env.RobosuiteEnv",
    env_name="NutAssemblySquare",
    enable_preset_sweep=True,
    preset_sweep_pos=5,
    preset_sweep_ori=10,
)

env_spec = RobosuiteEnv.get_default_env_spec_params(RobosuiteEnv.resolve_params(export))

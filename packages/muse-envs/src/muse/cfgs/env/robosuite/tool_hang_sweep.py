"""ToolHang from a grid of 2 places and 3 turns of frame and tool: 36 starts for evaluation."""

from muse.core.attrdict import AttrDict
from muse.envs.robosuite.robosuite_env import RobosuiteEnv

export = AttrDict(
    cls="muse.envs.robosuite.robosuite_env.RobosuiteEnv",
    env_name="ToolHang",
    use_reward_stages=True,
    enable_preset_sweep=True,
    preset_sweep_pos=2,
    preset_sweep_ori=3,
)

env_spec = RobosuiteEnv.get_default_env_spec_params(RobosuiteEnv.resolve_params(export))

"""MuJoCo's half cheetah; `pip install mujoco` brings its simulator."""

from muse.core.attrdict import AttrDict
from muse.envs.simple.gym_env import GymEnv

export = AttrDict(
    cls="muse.envs.simple.gym_env.GymEnv",
    env_type="HalfCheetah-v5",
    pixels=False,
    render=False,
)

env_spec = GymEnv.get_default_env_spec_params(GymEnv.resolve_params(export))

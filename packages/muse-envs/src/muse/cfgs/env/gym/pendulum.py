"""Swing a pendulum up and hold it there."""

from muse.core.attrdict import AttrDict
from muse.envs.simple.gym_env import GymEnv

export = AttrDict(
    cls="muse.envs.simple.gym_env.GymEnv",
    env_type="Pendulum-v1",
    pixels=False,
    success_return=-450.0,
    render=False,
)

env_spec = GymEnv.get_default_env_spec_params(GymEnv.resolve_params(export))

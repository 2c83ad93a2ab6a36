"""A point mass that reaches a slowly fleeing target; the reward is minus the distance."""

from muse.core.attrdict import AttrDict
from muse.envs.simple.point_mass_env import PointMassEnv

export = AttrDict(
    cls="muse.envs.simple.point_mass_env.PointMassEnv",
    num_steps=100,
    target_speed=0.0125,
    num_obstacles=0,
    sparse_reward=False,
    render=False,
)

env_spec = PointMassEnv.get_default_env_spec_params(PointMassEnv.resolve_params(export))

"""A point mass among three obstacles: 1 on reaching the target, -1 on hitting one."""

from muse.core.attrdict import AttrDict
from muse.envs.simple.point_mass_env import PointMassEnv

export = AttrDict(
    cls="muse.envs.simple.point_mass_env.PointMassEnv",
    num_steps=100,
    target_speed=0.0125,
    num_obstacles=3,
    sparse_reward=True,
    render=False,
)

env_spec = PointMassEnv.get_default_env_spec_params(PointMassEnv.resolve_params(export))

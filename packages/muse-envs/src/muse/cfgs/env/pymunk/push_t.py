"""Push-T with state and keypoints; `image_obs=True` adds the 96 x 96 image."""

from muse.core.attrdict import AttrDict
from muse.envs.pymunk.push_t_env import PushTEnv

export = AttrDict(
    cls="muse.envs.pymunk.push_t_env.PushTEnv",
    max_steps=300,
    image_obs=False,
    render_size=96,
    render_action=False,
    damping=0.0,
    legacy=False,
    render=False,
)

env_spec = PushTEnv.get_default_env_spec_params(PushTEnv.resolve_params(export))

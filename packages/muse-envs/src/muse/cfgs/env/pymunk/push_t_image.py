"""Push-T with the 96 x 96 image beside state and keypoints."""

from muse.cfgs.env.pymunk.push_t import export as push_t
from muse.core.attrdict import AttrDict
from muse.envs.pymunk.push_t_env import PushTEnv

export = push_t & AttrDict(image_obs=True)

env_spec = PushTEnv.get_default_env_spec_params(PushTEnv.resolve_params(export))

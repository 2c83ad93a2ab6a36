"""Press a button of the playroom; numbers only."""

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.drawer_button_playroom_env_3d import DrawerButtonPlayroomEnv3D

export = AttrDict(
    cls="muse.envs.bullet_envs.block3d.drawer_button_playroom_env_3d.DrawerButtonPlayroomEnv3D",
    task="press_button_0",
    action_mode="absolute",
    random_snap=True,
    object_start_in_dcab=False,
    max_steps=150,
    compute_images=False,
    render=False,
)

env_spec = DrawerButtonPlayroomEnv3D.get_default_env_spec_params(
    DrawerButtonPlayroomEnv3D.resolve_params(export)
)

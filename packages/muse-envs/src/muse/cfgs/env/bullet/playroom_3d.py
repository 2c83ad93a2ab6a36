"""Open the drawer of the playroom; numbers only."""

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.drawer_playroom_env_3d import DrawerPlayroomEnv3D

export = AttrDict(
    cls="muse.envs.bullet_envs.block3d.drawer_playroom_env_3d.DrawerPlayroomEnv3D",
    task="drawer_open",
    action_mode="absolute",
    random_snap=True,
    object_start_in_dcab=False,
    max_steps=150,
    compute_images=False,
    render=False,
)

env_spec = DrawerPlayroomEnv3D.get_default_env_spec_params(
    DrawerPlayroomEnv3D.resolve_params(export)
)

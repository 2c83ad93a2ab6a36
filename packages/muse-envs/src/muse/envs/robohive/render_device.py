"""Which GPU draws the pictures."""

from __future__ import annotations

import os

from muse.core.errors import EnvError
from muse.envs.mujoco.loading import gl_backend

_VARIABLE = "MUJOCO_EGL_DEVICE_ID"


def choose_render_device(device: int) -> None:
    """Let MuJoCo draw on the GPU with this number, in the whole process.

    MuJoCo reads the number when it draws for the first time, and keeps it.

    Raises:
        EnvError: when pictures are not drawn with EGL, or the process has chosen otherwise.
    """
    backend = gl_backend()
    if backend != "egl":
        raise EnvError(
            f"RoboHiveEnv: render_device={device} needs EGL, but pictures are drawn with "
            f"{backend}; set MUJOCO_GL=egl or leave render_device out"
        )
    chosen = os.environ.setdefault(_VARIABLE, str(device))
    if chosen != str(device):
        raise EnvError(
            f"RoboHiveEnv: render_device={device}, but this process draws on {chosen} "
            f"({_VARIABLE}); use that, or another process"
        )

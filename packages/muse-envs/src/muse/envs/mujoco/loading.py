"""Where MuJoCo is imported: only when an environment that needs it is built."""

from __future__ import annotations

import ctypes.util
import importlib
import os
from typing import Any

from muse.core.errors import EnvError, MissingExtraError, message_line

#: What draws without a window, the best first: name -> (library, Debian package).
GL_BACKENDS = {"egl": ("EGL", "libegl1"), "osmesa": ("OSMesa", "libosmesa6")}


def load_mujoco(what: str, extra: str) -> Any:
    """Return the module `mujoco` for `what`, the class that needs it.

    Raises:
        MissingExtraError: when MuJoCo, which `extra` of muse-envs brings, is not installed.
    """
    try:
        return importlib.import_module("mujoco")
    except ImportError as error:
        raise MissingExtraError(what, "muse-envs", extra) from error


def gl_backend() -> str | None:
    """Return what draws: the environment variable MUJOCO_GL, else the first library present."""
    asked = os.environ.get("MUJOCO_GL", "").lower().strip()
    if asked in (*GL_BACKENDS, "glfw"):
        return asked
    present = (n for n, (library, _) in GL_BACKENDS.items() if ctypes.util.find_library(library))
    return next(present, None)


def make_gl_context(width: int, height: int) -> Any:
    """Return an OpenGL context for pictures of up to `width` x `height` px, not yet current.

    Raises:
        EnvError: when there is no library or it fails, naming it and the way round.
    """
    backend = gl_backend()
    if backend is None:
        packages = " or ".join(package for _, package in GL_BACKENDS.values())
        raise EnvError(f"pictures need the library EGL or OSMesa; install {packages}")
    try:
        return importlib.import_module(f"mujoco.{backend}").GLContext(width, height)
    except Exception as error:  # ctypes, PyOpenGL and the driver raise what they like
        other = next(name for name in GL_BACKENDS if name != backend)
        raise EnvError(
            f"cannot draw with {backend}: {message_line(error)}; install "
            f"{GL_BACKENDS[other][1]} and set MUJOCO_GL={other}"
        ) from error

"""Pictures of a MuJoCo model, drawn off screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from muse.core.errors import EnvError, suggest
from muse.envs.mujoco.frustum import outside
from muse.envs.mujoco.loading import load_mujoco, make_gl_context

#: What `fast=True` leaves out of a picture, for help texts.
FAST_RENDER_HELP = (
    "draw several times faster: without shadows, reflections and smoothed edges; the geometry and "
    "colours stay"
)
_MAX_GEOMS = 10_000
#: The last of MuJoCo's geom groups, which models leave empty.
_UNSEEN_GROUP = 5


@dataclass(frozen=True)
class Viewpoint:
    """Where a camera that the model does not have looks from.

    Args:
        target: the point it looks at, world frame, m.
        distance: from the target, m.
        azimuth: around the vertical, deg.
        elevation: below 0 it looks down, deg.
    """

    target: tuple[float, float, float]
    distance: float
    azimuth: float
    elevation: float


class OffscreenCamera:
    """Draws a model from any of its cameras, without opening a display.

    Args:
        model: the `mujoco.MjModel`.
        width, height: the largest picture, px.
        fast: leave out shadows, reflections and multisampling, which take most of the time of a
            software renderer. The model is left as it was.
        hidden_groups: geom groups to leave out, such as robosuite's collision shapes (0).
        extra: the extra of muse-envs that brings MuJoCo here.
    """

    def __init__(
        self,
        model: Any,
        width: int,
        height: int,
        *,
        fast: bool = False,
        hidden_groups: Sequence[int] = (),
        extra: str,
    ) -> None:
        self._mujoco = load_mujoco("OffscreenCamera", extra)
        self._model, self._size = model, (width, height)
        self._gl: Any = make_gl_context(width, height)
        self._gl.make_current()
        with _drawn_for(model, width, height, fast):
            self._context = self._mujoco.MjrContext(
                model, self._mujoco.mjtFontScale.mjFONTSCALE_150
            )
        self._mujoco.mjr_setBuffer(self._mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._scene = self._mujoco.MjvScene(model, maxgeom=_MAX_GEOMS)
        if fast:
            for flag in ("mjRND_SHADOW", "mjRND_REFLECTION"):
                self._scene.flags[getattr(self._mujoco.mjtRndFlag, flag)] = 0
        self._view = self._mujoco.MjvCamera()
        self._option = self._mujoco.MjvOption()
        for group in hidden_groups:
            self._option.geomgroup[group] = 0
        self._fast = fast
        if fast:
            self._option.geomgroup[_UNSEEN_GROUP] = 0

    def picture(self, data: Any, camera: str | Viewpoint, width: int, height: int) -> np.ndarray:
        """Return what `camera` sees of the state `data`, (height, width, 3) uint8 RGB.

        Args:
            data: the `mujoco.MjData`.
            camera: a camera of the model by name, or where to look from.
            width, height: of the picture, px.
        """
        if width > self._size[0] or height > self._size[1]:
            raise EnvError(
                f"a picture of {width} x {height} px was asked of a camera made for "
                f"{self._size[0]} x {self._size[1]}"
            )
        mujoco = self._mujoco
        self._aim(camera)
        self._gl.make_current()
        with self._unseen_left_out(data, width / height):
            mujoco.mjv_updateScene(
                self._model, data, self._option, None, self._view, mujoco.mjtCatBit.mjCAT_ALL,
                self._scene,
            )  # fmt: skip
        area = mujoco.MjrRect(0, 0, width, height)
        pixels = np.empty((height, width, 3), np.uint8)
        mujoco.mjr_render(area, self._scene, self._context)
        mujoco.mjr_readPixels(pixels, None, area, self._context)
        return np.ascontiguousarray(pixels[::-1])  # OpenGL counts rows from below

    def _aim(self, camera: str | Viewpoint) -> None:
        view, kinds = self._view, self._mujoco.mjtCamera
        if isinstance(camera, Viewpoint):
            view.type = kinds.mjCAMERA_FREE
            view.lookat[:], view.distance = camera.target, camera.distance
            view.azimuth, view.elevation = camera.azimuth, camera.elevation
        else:
            view.type = kinds.mjCAMERA_FIXED
            view.fixedcamid = camera_id(self._mujoco, self._model, camera)

    @contextmanager
    def _unseen_left_out(self, data: Any, aspect: float) -> Iterator[None]:
        """Hide what lies out of view, if fast; with shadows, what is unseen can still cast one."""
        if not self._fast:
            yield
            return
        self._mujoco.mjv_updateCamera(self._model, data, self._view, self._scene)
        groups = self._model.geom_group
        before = groups.copy()
        unseen = outside(self._scene, data.geom_xpos, self._model.geom_rbound, aspect)
        groups[unseen] = _UNSEEN_GROUP
        try:
            yield
        finally:
            groups[:] = before

    def close(self) -> None:
        """Free the context; closing again does nothing."""
        if self._gl is not None:
            self._gl.make_current()
            self._context.free()
            self._gl.free()
            self._gl = None


def camera_id(mujoco: Any, model: Any, name: str) -> int:
    """Return the number of the camera called `name`.

    Raises:
        EnvError: there is none; the model's cameras are listed.
    """
    kind = mujoco.mjtObj.mjOBJ_CAMERA
    number: int = mujoco.mj_name2id(model, kind, name)
    if number < 0:
        names = [mujoco.mj_id2name(model, kind, i) for i in range(model.ncam)]
        raise EnvError(f"there is no camera {name!r}; the model has {names}.{suggest(name, names)}")
    return number


@contextmanager
def _drawn_for(model: Any, width: int, height: int, fast: bool) -> Iterator[None]:
    """Set what a context reads from the model when it is made, and put it back."""
    screen, quality = model.vis.global_, model.vis.quality
    before = (screen.offwidth, screen.offheight, quality.shadowsize, quality.offsamples)
    screen.offwidth, screen.offheight = width, height
    if fast:
        quality.shadowsize, quality.offsamples = 1, 0
    try:
        yield
    finally:
        screen.offwidth, screen.offheight, quality.shadowsize, quality.offsamples = before

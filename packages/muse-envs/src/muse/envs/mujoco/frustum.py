"""Which shapes a camera cannot see, so that they need not be drawn."""

from __future__ import annotations

from typing import Any

import numpy as np


def outside(model: Any, data: Any, camera: int, aspect: float) -> np.ndarray:
    """Return which geoms lie wholly outside what a camera sees, (ngeom,) bool.

    A geom is judged by its bounding sphere, so one that is partly in view counts as seen; planes,
    which have no end, always do. Cameras other than the plain perspective ones see everything.

    Args:
        aspect: width over height of the picture.
    """
    radius = model.geom_rbound
    if _is_special(model, camera):
        return np.zeros(len(radius), bool)
    # In the camera's frame: x to the right, y up, z towards the viewer.
    place = (data.geom_xpos - data.cam_xpos[camera]) @ data.cam_xmat[camera].reshape(3, 3)
    up = np.radians(model.cam_fovy[camera]) / 2.0
    across = np.arctan(np.tan(up) * aspect)
    depth = -place[:, 2]
    beyond = depth < -radius
    for side, angle in ((place[:, 0], across), (place[:, 1], up)):
        beyond |= np.abs(side) * np.cos(angle) - depth * np.sin(angle) > radius
    hidden: np.ndarray = beyond & (radius > 0.0)
    return hidden


def _is_special(model: Any, camera: int) -> bool:
    """Whether the field of view is given otherwise than by one angle; names differ by version."""
    projection = getattr(model, "cam_projection", None)
    if projection is None:
        projection = model.cam_orthographic
    return bool(projection[camera]) or bool(model.cam_sensorsize[camera].any())

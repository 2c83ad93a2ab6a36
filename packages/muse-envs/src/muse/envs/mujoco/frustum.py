"""Which shapes a camera cannot see, so that they need not be drawn."""

from __future__ import annotations

from typing import Any

import numpy as np


def outside(scene: Any, centres: np.ndarray, radii: np.ndarray, aspect: float) -> np.ndarray:
    """Return which spheres lie wholly outside what the scene's camera sees, (n,) bool.

    Args:
        scene: the `mujoco.MjvScene`, its camera up to date (`mjv_updateCamera`).
        centres: (n, 3) in the world, m.
        radii: (n,) m; 0 for what has no end, such as a plane, and always counts as seen.
        aspect: width over height of the picture.
    """
    left, right = scene.camera  # the eyes; a picture is taken from between them
    if left.orthographic:
        return np.zeros(len(radii), bool)
    forward, up = left.forward.astype(np.float64), left.up.astype(np.float64)
    away = centres - (left.pos + right.pos) / 2.0
    depth, high = away @ forward, away @ up
    aside = away @ np.cross(forward, up)
    # As tangents of angles from the camera's axis.
    bottom, top = left.frustum_bottom / left.frustum_near, left.frustum_top / left.frustum_near
    reach = aspect * (top - bottom) / 2.0 + abs(left.frustum_center) / left.frustum_near
    beyond = depth < -radii
    for off, tangent in ((high, top), (-high, -bottom), (np.abs(aside), reach)):
        beyond |= (off - depth * tangent) / np.sqrt(1.0 + tangent**2) > radii
    hidden: np.ndarray = beyond & (radii > 0.0)
    return hidden

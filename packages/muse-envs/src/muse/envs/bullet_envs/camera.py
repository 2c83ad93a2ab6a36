"""Pictures of a pybullet world, drawn on the processor by TinyRenderer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_NEAR, _FAR = 0.05, 5.0
_LIGHT_DIRECTION = (0.5, -0.7, 1.6)


class Camera:
    """Looks at `target` from `distance` m away, turned by `yaw` and `pitch` as pybullet counts.

    Args:
        target: the point in the middle of the picture, (3,) m.
        distance: in m.
        yaw, pitch: in degrees; pitch -90 looks straight down.
        field_of_view: vertical, in degrees.
        shadows: draw the shadows of one lamp; a picture takes twice as long.
    """

    def __init__(
        self,
        target: Sequence[float],
        distance: float,
        yaw: float,
        pitch: float,
        field_of_view: float,
        shadows: bool,
    ) -> None:
        self._view = (list(target), distance, yaw, pitch)
        self._field_of_view, self._shadows = field_of_view, shadows

    def picture(self, bullet: Any, height: int, width: int) -> np.ndarray:
        """Return the scene as (height, width, 3) uint8 RGB."""
        target, distance, yaw, pitch = self._view
        view = bullet.computeViewMatrixFromYawPitchRoll(target, distance, yaw, pitch, 0.0, 2)
        lens = bullet.computeProjectionMatrixFOV(self._field_of_view, width / height, _NEAR, _FAR)
        image = bullet.getCameraImage(
            width,
            height,
            viewMatrix=view,
            projectionMatrix=lens,
            lightDirection=_LIGHT_DIRECTION,
            lightAmbientCoeff=0.55,
            lightDiffuseCoeff=0.5,
            lightSpecularCoeff=0.05,
            shadow=int(self._shadows),
            renderer=bullet.ER_TINY_RENDERER,
            flags=bullet.ER_NO_SEGMENTATION_MASK,
        )[2]
        pixels = np.asarray(image, np.uint8).reshape(height, width, 4)
        return np.ascontiguousarray(pixels[..., :3])

"""Pictures of a pybullet world, drawn on the processor by TinyRenderer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: The observation that each camera gives; the wrist's is called as that of a real arm.
IMAGE_NAMES = {"front": "image", "wrist": "ego_image"}
_NEAR, _FAR = 0.02, 5.0
_LIGHT_DIRECTION = (0.5, -0.7, 1.6)


class Camera:
    """A lens that looks from wherever it is held.

    Args:
        field_of_view: vertical, in degrees.
        shadows: draw the shadows of one lamp; a picture takes twice as long.
    """

    def __init__(self, field_of_view: float, shadows: bool) -> None:
        self._field_of_view, self._shadows = field_of_view, shadows

    def picture(self, bullet: Any, view: Sequence[float], height: int, width: int) -> np.ndarray:
        """Return the scene as (height, width, 3) uint8 RGB.

        Args:
            bullet: the world.
            view: the matrix from the world to the camera, 16 numbers, column after column.
            height, width: of the picture, px.
        """
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

"""The picture of a point mass, seen from above."""

from __future__ import annotations

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.drawing import canvas, draw_disc, to_uint8
from muse.envs.simple.point_mass_world import PointMassWorld

_EGO_COLOUR, _TARGET_COLOUR, _OBSTACLE_COLOUR = (31, 119, 180), (44, 160, 44), (127, 127, 127)


def picture_of(world: PointMassWorld, row: int, params: AttrDict) -> np.ndarray:
    """Return the square, y upwards, obstacles below the target below the ego, (H, W, 3) uint8."""
    size = params.image_size
    picture = canvas(size, size)
    radii = world.sizes[row]
    colours = params.obstacle_face_colors or [_OBSTACLE_COLOUR] * len(radii)

    def pixel(point: np.ndarray) -> tuple[float, float]:
        return float(point[0]) * size, (1.0 - float(point[1])) * size

    for centre, radius, colour in zip(world.centres[row], radii, colours, strict=True):
        draw_disc(picture, pixel(centre), radius * size, tuple(colour))
    draw_disc(picture, pixel(world.target[row]), 0.025 * size, _TARGET_COLOUR)
    draw_disc(picture, pixel(world.ego[row]), 0.02 * size, _EGO_COLOUR)
    return to_uint8(picture)

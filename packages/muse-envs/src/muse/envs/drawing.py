"""Pictures drawn in numpy, so that an environment needs no display and no graphics library."""

from __future__ import annotations

import numpy as np

Colour = tuple[int, int, int]


def canvas(height: int, width: int, colour: Colour = (255, 255, 255)) -> np.ndarray:
    """Return an empty picture, (H, W, 3) float64 in 0..255."""
    return np.full((height, width, 3), colour, np.float64)


def draw_disc(
    picture: np.ndarray, centre: tuple[float, float], radius: float, colour: Colour
) -> None:
    """Draw an anti-aliased disc into `picture`.

    Args:
        picture: (H, W, 3) float64, changed in place.
        centre: (x, y) in pixels, x to the right and y down.
        radius: in pixels.
        colour: red, green, blue, 0..255.
    """
    height, width = picture.shape[:2]
    x, y = centre
    left, right = max(int(x - radius - 1), 0), min(int(x + radius + 2), width)
    top, bottom = max(int(y - radius - 1), 0), min(int(y + radius + 2), height)
    if left >= right or top >= bottom:
        return
    across = np.arange(left, right) + 0.5 - x
    down = np.arange(top, bottom) + 0.5 - y
    distance = np.hypot(across[None, :], down[:, None])
    # A pixel is covered by as much as the edge lies beyond its centre.
    cover = np.clip(radius - distance + 0.5, 0.0, 1.0)[..., None]
    patch = picture[top:bottom, left:right]
    patch += cover * (np.asarray(colour, np.float64) - patch)


def to_uint8(picture: np.ndarray) -> np.ndarray:
    """Return the picture as (H, W, 3) uint8."""
    return np.rint(picture).astype(np.uint8)

"""The pictures of a batch as one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def tile(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Lay N pictures (H, W, 3) of one size on a grid as near to square as it gets."""
    columns = math.ceil(math.sqrt(len(pictures)))
    lines = math.ceil(len(pictures) / columns)
    height, width, channels = pictures[0].shape
    grid = np.zeros((lines * height, columns * width, channels), pictures[0].dtype)
    for i, picture in enumerate(pictures):
        top, left = (i // columns) * height, (i % columns) * width
        grid[top : top + height, left : left + width] = picture
    return grid

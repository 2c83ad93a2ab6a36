"""`ColorJitter`: other light and other colours."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.datasets.augmentation.context import AugmentContext
from muse.datasets.augmentation.images import as_float, image_size, like_before, luminance, placed


@dataclass(frozen=True)
class ColorJitter:
    """Change brightness, contrast, saturation and hue of images, in this order.

    Factors are drawn from [1 - x, 1 + x]; the hue is turned about the grey axis by up to `hue` of
    a full circle either way.

    Args:
        brightness: of the factor on every pixel.
        contrast: of the factor on the distance to the image's mean brightness.
        saturation: of the factor on the distance to grey.
        hue: largest turn, in circles (0.5: any colour).
        per_step: draw anew for each step, else once for each window.
    """

    brightness: float = 0.2
    contrast: float = 0.2
    saturation: float = 0.2
    hue: float = 0.0
    per_step: bool = False

    def __call__(self, value: Any, context: AugmentContext) -> Any:
        """Return `value` (B, H, height, width, C) in other colours, its dtype kept."""
        image_size(value, context.key)
        if not context.training:
            return value

        def factor(spread: float) -> Any:
            low, high = max(1 - spread, 0.0), 1 + spread
            drawn = context.uniform(value, low, high, self.per_step).astype(np.float32)
            return placed(drawn[..., None, None, None], value)

        image = as_float(value) * factor(self.brightness)
        grey = luminance(image)
        mean = grey.mean((2, 3, 4)).reshape(*grey.shape[:2], 1, 1, 1)
        image = mean + (image - mean) * factor(self.contrast)
        if value.shape[4] == 3:
            grey = luminance(image)
            image = grey + (image - grey) * factor(self.saturation)
            if self.hue:
                turn = context.uniform(value, -self.hue, self.hue, self.per_step)
                image = image @ placed(_turned(turn)[:, :, None], value)
        return like_before(image, value)

    def to_config(self) -> dict[str, Any]:
        """The arguments, for `config.json`."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ColorJitter:
        """The inverse of `to_config`."""
        return cls(**config)


def _turned(circles: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return matrices (…, 3, 3) that turn colours (row vectors) about the grey axis (Rodrigues)."""
    angle = (2 * math.pi * circles)[..., None, None]
    axis = np.full(3, 1 / math.sqrt(3))
    cross = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]]) / math.sqrt(3)
    along = np.outer(axis, axis)
    turned = np.cos(angle) * (np.eye(3) - along) + np.sin(angle) * cross + along
    return turned.astype(np.float32)

"""`RandomErasing`: a gap in some images."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from muse.datasets.augmentation.context import AugmentContext
from muse.datasets.augmentation.images import image_size, like_before, placed


@dataclass(frozen=True)
class RandomErasing:
    """Blank out a rectangle of some images, as if something stood before the camera.

    After Zhong et al., "Random Erasing Data Augmentation", AAAI 2020.

    Args:
        probability: share of windows (or steps) that get a gap.
        area: smallest and largest share of the image.
        aspect: smallest and largest height over width.
        fill: value of the pixels in the gap.
        per_step: choose anew for each step, else once for each window.
    """

    probability: float = 0.5
    area: tuple[float, float] = (0.02, 0.2)
    aspect: tuple[float, float] = (0.3, 3.3)
    fill: int = 0
    per_step: bool = False

    def __call__(self, value: Any, context: AugmentContext) -> Any:
        """Return `value` (B, H, height, width, C) with gaps."""
        height, width = image_size(value, context.key)
        if not context.training:
            return value

        def draw(low: float, high: float) -> Any:
            return context.uniform(value, low, high, self.per_step)

        hit = draw(0, 1) < self.probability
        area = draw(*self.area) * height * width
        aspect = np.exp(draw(*np.log(self.aspect)))
        tall = np.clip(np.rint(np.sqrt(area * aspect)), 1, height)
        wide = np.clip(np.rint(np.sqrt(area / aspect)), 1, width)
        top = np.floor(draw(0, 1) * (height - tall + 1))[..., None]
        left = np.floor(draw(0, 1) * (width - wide + 1))[..., None]
        rows, columns = np.arange(height), np.arange(width)
        in_rows = (rows >= top) & (rows < top + tall[..., None]) & hit[..., None]
        in_columns = (columns >= left) & (columns < left + wide[..., None])
        gap = in_rows[..., :, None] & in_columns[..., None, :]
        keep = placed(~gap, value)[..., None]
        return like_before(value * keep + self.fill * ~keep, value)

    def to_config(self) -> dict[str, Any]:
        """The arguments, for `config.json`."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RandomErasing:
        """The inverse of `to_config`."""
        return cls(**{**config, "area": tuple(config["area"]), "aspect": tuple(config["aspect"])})

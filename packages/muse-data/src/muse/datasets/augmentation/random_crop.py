"""`RandomCrop`: a part of each image."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from muse.core.errors import DataError
from muse.datasets.augmentation.context import AugmentContext
from muse.datasets.augmentation.images import image_size, placed


@dataclass(frozen=True)
class RandomCrop:
    """Cut a part out of each image: anywhere in training, from the centre at evaluation.

    Args:
        height: of the part, in pixels.
        width: of the part, in pixels.
        per_step: choose the place anew for each step, else once for each window.
    """

    height: int
    width: int
    per_step: bool = False

    def __call__(self, value: Any, context: AugmentContext) -> Any:
        """Return images (B, H, height, width, C) of `value` (B, H, larger, larger, C)."""
        height, width = image_size(value, context.key)
        room = height - self.height, width - self.width
        if min(room) < 0:
            raise DataError(
                f"RandomCrop: {context.key!r} is {height} x {width}, smaller than the part of "
                f"{self.height} x {self.width}; lower height and width"
            )
        if not context.training:
            top, left = room[0] // 2, room[1] // 2
            return value[:, :, top : top + self.height, left : left + self.width]
        tops, lefts = (
            context.uniform(value, 0, space + 1, self.per_step).astype(np.int64) for space in room
        )
        batch, steps = value.shape[:2]
        rows = (tops[..., None] + np.arange(self.height))[..., None]
        columns = (lefts[..., None] + np.arange(self.width))[..., None, :]
        first = np.arange(batch)[:, None, None, None], np.arange(steps)[None, :, None, None]
        return value[tuple(placed(index, value) for index in (*first, rows, columns))]

    def to_config(self) -> dict[str, Any]:
        """The arguments, for `config.json`."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RandomCrop:
        """The inverse of `to_config`."""
        return cls(**config)

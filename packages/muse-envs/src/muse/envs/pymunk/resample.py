"""Bilinear reduction of a picture, as OpenCV's `resize` does it, without OpenCV.

The images of the Push-T demonstrations were drawn at 512 x 512 and reduced by bilinear
interpolation between the two nearest pixels, with no smoothing before; policies trained on them
should see the same edges.
"""

from __future__ import annotations

import numpy as np

#: Interpolation weights are multiples of 1 / 2048.
_WEIGHT_BITS = 11


class BilinearResampler:
    """Reduces S x S pictures to (size, size, 3) uint8.

    Args:
        source: S, side of the picture given.
        size: side of the picture wanted.
    """

    def __init__(self, source: int, size: int) -> None:
        centers = (np.arange(size) + 0.5) * (source / size) - 0.5
        low = np.clip(np.floor(centers), 0, source - 1).astype(np.intp)
        high = np.minimum(low + 1, source - 1)
        share = np.clip(centers - low, 0, 1)
        one = 1 << _WEIGHT_BITS
        high_weight = np.rint(share * one).astype(np.int32)
        self._taps = np.stack((low, high))
        self._weights = np.stack((one - high_weight, high_weight))
        self._size = size

    def __call__(
        self, picture: np.ndarray, rows: slice = slice(None), columns: slice = slice(None)
    ) -> np.ndarray:
        """Return `picture` reduced to (size, size, 3) uint8 RGB, or a part of that.

        Args:
            picture: (S, S) uint32, the bytes of each pixel red, green, blue and one more.
            rows, columns: the part of the reduced picture that is wanted.
        """
        (top, bottom), (left, right) = self._taps[:, rows], self._taps[:, columns]
        height, width = top.size, left.size
        # Only the pixels that carry weight are ever touched.
        taps = picture[np.concatenate((top, bottom))[:, None], np.concatenate((left, right))]
        colors = taps.view(np.uint8).reshape(2 * height, 2 * width, 4).astype(np.int32)
        top_weight, bottom_weight = self._weights[:, rows, None, None]
        left_weight, right_weight = self._weights[:, columns, None]
        mixed = colors[:height] * top_weight + colors[height:] * bottom_weight
        total = mixed[:, :width] * left_weight + mixed[:, width:] * right_weight
        half = 1 << (2 * _WEIGHT_BITS - 1)
        reduced: np.ndarray = ((total + half) >> (2 * _WEIGHT_BITS)).astype(np.uint8)
        return reduced[..., :3]

    def reach(self, low: float, high: float) -> slice:
        """Return the reduced pixels that the given pixels `low` to `high` may show in."""
        first = int(np.searchsorted(self._taps[1], low - 1))
        last = int(np.searchsorted(self._taps[0], high + 1, side="right"))
        return slice(max(0, first), min(self._size, last))

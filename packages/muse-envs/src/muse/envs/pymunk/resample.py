"""Bilinear reduction of a picture, as OpenCV's `resize` does it, without OpenCV.

The images of the Push-T demonstrations were drawn at 512 x 512 and reduced by bilinear
interpolation between the two nearest pixels, with no smoothing before; policies trained on them
should see the same edges.
"""

from __future__ import annotations

import numpy as np

#: Interpolation weights are multiples of 1 / 2048.
_WEIGHT_BITS = 11
#: Of a pixel.
_BYTES = 4


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
        weights = np.stack((one - high_weight, high_weight))
        self._row_weights = weights[..., None]
        # One for each byte of a pixel: long runs of numbers are quick to multiply.
        self._byte_weights = np.repeat(weights, _BYTES, axis=1)
        self._source = source
        # Of every pixel of the source, the first reduced one it may show in, and the one after.
        pixels = np.arange(source)
        self._first = np.searchsorted(high, pixels - 1).tolist()
        self._after = np.searchsorted(low, pixels + 1, side="right").tolist()

    def __call__(
        self, picture: np.ndarray, rows: slice = slice(None), columns: slice = slice(None)
    ) -> np.ndarray:
        """Return `picture` reduced to (size, size, 3) uint8 RGB, or a part of that.

        Args:
            picture: (S, S) uint32, the bytes of each pixel red, green, blue and one more.
            rows, columns: the part of the reduced picture that is wanted.
        """
        down, across = self._taps[:, rows], self._taps[:, columns]
        height, width = down.shape[1], across.shape[1] * _BYTES
        # Only the pixels that carry weight are ever touched: all upper ones, then the lower ones,
        # and in each line the left ones, then the right ones.
        taps = picture.reshape(-1).take(np.add.outer(down.ravel() * self._source, across.ravel()))
        colors = taps.view(np.uint8).astype(np.int32)
        top_weight, bottom_weight = self._row_weights[:, rows]
        mixed = colors[:height] * top_weight + colors[height:] * bottom_weight
        start, stop, _ = columns.indices(self._taps.shape[1])
        left_weight, right_weight = self._byte_weights[:, start * _BYTES : stop * _BYTES]
        total = mixed[:, :width] * left_weight + mixed[:, width:] * right_weight
        half = 1 << (2 * _WEIGHT_BITS - 1)
        reduced: np.ndarray = ((total + half) >> (2 * _WEIGHT_BITS)).astype(np.uint8)
        return reduced.reshape(height, across.shape[1], _BYTES)[..., :3]

    def reach(self, low: int, high: int) -> slice:
        """Return the reduced pixels that the given pixels `low` to `high` may show in.

        Pixels outside of the picture count as those at its border.
        """
        return slice(self._first[min(low, self._source - 1)], self._after[max(high, 0)])

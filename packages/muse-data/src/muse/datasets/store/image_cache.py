"""`ImageCache`: decoded images, the least recently used leave first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


class ImageCache:
    """Arrays by key, of at most `most_bytes` together.

    Each process has its own; threads may share one.

    Args:
        most_bytes: 0 keeps nothing.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most, self._held = most_bytes, 0
        self._images: OrderedDict[Any, NDArray[np.uint8]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """Return the array of `key`, made if it is not held."""
        with self._lock:
            found = self._images.get(key)
            if found is not None:
                self._images.move_to_end(key)
                return found
        made = make()
        with self._lock:
            if key not in self._images and made.nbytes <= self._most:
                self._images[key] = made
                self._held += made.nbytes
                while self._held > self._most:
                    _, oldest = self._images.popitem(last=False)
                    self._held -= oldest.nbytes
        return made

"""The contract of cameras, real or simulated."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from muse.core.errors import EnvError
from muse.core.params import Param, positive
from muse.envs.sensors.sensor import Sensor


class Camera(Sensor):
    """A sensor whose state has pictures.

    `read_state` gives `rgb` (H, W, 3) uint8, with `depth=True` also `depth` (H, W) float32 in
    metres along the optical axis, 0 where unknown, and `timestamp`. Arrays are fresh: a later
    frame changes none that was given. Colours are red, green, blue, whatever the device sends.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("width", int, 640, help="of the picture", unit="pixels", check=positive),
        Param("height", int, 480, help="of the picture", unit="pixels", check=positive),
        Param("depth", bool, False, help="also give the distance of each pixel"),
    )

    @property
    def intrinsics(self) -> np.ndarray:
        """The pinhole matrix [[fx, 0, cx], [0, fy, cy], [0, 0, 1]] in pixels, (3, 3) float64."""
        raise EnvError(f"{type(self).__name__} does not know its intrinsics")

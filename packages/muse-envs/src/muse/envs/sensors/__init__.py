"""Sensors and cameras: one contract for simulated and real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muse.core.lazy import lazy_names

if TYPE_CHECKING:
    from muse.envs.sensors.camera import Camera as Camera
    from muse.envs.sensors.env_camera import EnvCamera as EnvCamera
    from muse.envs.sensors.sensor import Sensor as Sensor
    from muse.envs.sensors.testing import check_camera as check_camera

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "camera": ("Camera",),
        "env_camera": ("EnvCamera",),
        "sensor": ("Sensor",),
        "testing": ("check_camera",),
    },
)

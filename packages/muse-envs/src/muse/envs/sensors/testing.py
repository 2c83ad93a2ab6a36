"""The public contract test of cameras: run it on your own."""

from __future__ import annotations

import time

import numpy as np

from muse.core.errors import EnvError
from muse.envs.sensors.camera import Camera


def check_camera(camera: Camera) -> None:
    """Check that a camera keeps the contract of `Camera`; it is open while it runs, closed after.

    Raises:
        EnvError: with the first rule broken.
    """
    name, p = type(camera).__name__, camera.params
    began = time.monotonic()
    with camera:
        _expect(camera.is_open and camera.open() is camera, f"{name}.open() does not return it")
        state = camera.read_state()
        names = {"rgb", "timestamp"} | ({"depth"} if p.depth else set())
        _expect(set(state) == names, f"{name} gives {sorted(state)}, expected {sorted(names)}")
        _expect_array(state["rgb"], (p.height, p.width, 3), np.uint8, f"{name} rgb")
        if p.depth:
            _expect_array(state["depth"], (p.height, p.width), np.float32, f"{name} depth")
            good = np.isfinite(state["depth"]).all() and (state["depth"] >= 0.0).all()
            _expect(bool(good), f"{name} depth has NaN, infinite or negative metres")
        kept = state["rgb"].copy()
        later = camera.read_state()
        _expect(later["timestamp"] >= state["timestamp"], f"{name}: time runs backwards")
        _expect(later["timestamp"] <= time.monotonic(), f"{name}: a timestamp of the future")
        _expect(state["timestamp"] > began - 60.0, f"{name}: no time.monotonic timestamp")
        _expect(np.array_equal(kept, state["rgb"]), f"{name}: a later frame changed an earlier one")
    camera.close()
    for call in (camera.read_state, camera.reset):
        try:
            call()
        except EnvError:
            continue
        raise EnvError(f"contract broken: {name}.{call.__name__}() works when closed")


def _expect_array(value: np.ndarray, shape: tuple[int, ...], dtype: type, what: str) -> None:
    good = isinstance(value, np.ndarray) and value.shape == shape and value.dtype == dtype
    got = f"{value.shape} {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
    _expect(good, f"{what} is {got}, expected {shape} {np.dtype(dtype)}")


def _expect(holds: bool, complaint: str) -> None:
    if not holds:
        raise EnvError(f"contract broken: {complaint}")

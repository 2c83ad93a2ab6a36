"""Sensors: the contract of cameras, and one that looks at a simulation."""

from __future__ import annotations

import time

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, SpecError
from muse.envs.env import make
from muse.envs.sensors import Camera, EnvCamera, Sensor, check_camera
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.wrappers import ImageObservation

SIZE = AttrDict(width=32, height=24)


class StillCamera(Camera):
    """A camera that misbehaves in one way."""

    def __init__(self, trouble="none", **params):
        super().__init__(SIZE & AttrDict(params))
        self.trouble = trouble
        self.frame = np.zeros((24, 32, 3), np.uint8)

    def _read(self):
        self.frame += 1
        state = AttrDict(
            rgb=self.frame if self.trouble == "reuse" else self.frame.copy(),
            timestamp=time.time() if self.trouble == "clock" else time.monotonic(),
        )
        if self.trouble == "float":
            state["rgb"] = state["rgb"] / 255.0
        if self.params.depth:
            state["depth"] = np.full((24, 32), np.nan if self.trouble == "nan" else 1.5, np.float32)
        return state


def test_good_cameras_pass():
    check_camera(StillCamera())
    check_camera(StillCamera(depth=True))
    env = make(PointMassEnv, AttrDict(image_size=64))
    env.reset()
    check_camera(EnvCamera(AttrDict(width=64, height=64), env))


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("reuse", "changed an earlier one"),
        ("clock", "future"),
        ("float", r"rgb is \(24, 32, 3\) float64, expected .* uint8"),
        ("nan", "NaN, infinite or negative metres"),
    ],
)
def test_broken_cameras_are_found(trouble, message):
    with pytest.raises(EnvError, match=message):
        check_camera(StillCamera(trouble, depth=trouble == "nan"))


def test_a_sensor_is_open_between_open_and_close():
    class Counter(Sensor):
        calls = ()

        def _open(self):
            self.calls += ("open",)

        def _read(self):
            return AttrDict(count=np.array(len(self.calls)), timestamp=time.monotonic())

        def _close(self):
            self.calls += ("close",)

    sensor = Counter()
    with pytest.raises(EnvError, match="Counter is closed"):
        sensor.read_state()
    with sensor:
        sensor.open()
        assert sensor.is_open and sensor.read_state()["count"] == 1
        sensor.reset()
    sensor.close()
    assert sensor.calls == ("open", "close")


def test_a_simulated_camera_sees_what_is_there():
    env = make(ImageObservation, AttrDict(SIZE, env=AttrDict(cls=PointMassEnv)))
    with EnvCamera(SIZE & AttrDict(rgb_name="image"), env) as camera:
        with pytest.raises(EnvError, match="show"):
            camera.read_state()
        obs, _ = env.reset()
        camera.show(obs)
        first = camera.read_state()
        assert np.array_equal(first["rgb"], obs["image"][0])
        obs, _, _ = env.step(AttrDict(action=np.ones((1, 2), np.float32)))
        assert camera.read_state()["timestamp"] == first["timestamp"]  # of the frame, not the call
        camera.show(obs)
        assert camera.read_state()["timestamp"] > first["timestamp"]
        camera.reset()
        with pytest.raises(EnvError, match="show"):
            camera.read_state()


def test_intrinsics_and_wrong_uses():
    env = make(PointMassEnv)
    env.reset()
    square = AttrDict(width=128, height=128, field_of_view=np.pi / 2)
    matrix = EnvCamera(square, env).intrinsics
    assert matrix == pytest.approx(np.array([[64, 0, 64], [0, 64, 64], [0, 0, 1]]))
    with pytest.raises(EnvError, match="intrinsics"):
        _ = EnvCamera(SIZE, env).intrinsics
    with pytest.raises(EnvError, match=r"\(128, 128, 3\), expected \(24, 32, 3\)"):
        EnvCamera(SIZE, env).open().read_state()
    with pytest.raises(EnvError, match="depth_name"):
        EnvCamera(SIZE & AttrDict(depth=True), env)
    with pytest.raises(SpecError, match="egoo"):
        EnvCamera(SIZE & AttrDict(rgb_name="egoo"), env)

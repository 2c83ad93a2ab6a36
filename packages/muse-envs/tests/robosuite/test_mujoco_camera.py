from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.mujoco.camera import OffscreenCamera, Viewpoint
from muse.envs.mujoco.frustum import outside
from muse.envs.mujoco.loading import gl_backend
from muse.envs.robosuite.robosuite_env import RobosuiteEnv

robosuite = pytest.importorskip("robosuite", reason="pictures of MuJoCo need muse-envs[robosuite]")


@pytest.fixture(scope="module")
def env() -> RobosuiteEnv:
    made = make(RobosuiteEnv, AttrDict(env_name="Lift", hard_reset=False))
    assert isinstance(made, RobosuiteEnv)
    made.seed(0)
    made.reset()
    return made


def picture(env: RobosuiteEnv, fast: bool, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    camera = OffscreenCamera(
        env.simulation.model, *size, fast=fast, hidden_groups=(0,), extra="robosuite"
    )
    drawn = camera.picture(env.simulation.data, "agentview", *size)
    camera.close()
    camera.close()
    return drawn


def test_a_picture_equals_robosuites_own(env: RobosuiteEnv) -> None:
    own = robosuite.make(
        "Lift", robots="Panda", has_renderer=False, has_offscreen_renderer=True,
        use_camera_obs=False, renderer="mujoco", ignore_done=True,
    )  # fmt: skip
    own.reset()
    theirs = own.sim.render(camera_name="agentview", width=64, height=48)[::-1]
    camera = OffscreenCamera(own.sim.model._model, 64, 48, hidden_groups=(0,), extra="robosuite")
    ours = camera.picture(own.sim.data._data, "agentview", 64, 48)
    camera.close()
    own.close()
    np.testing.assert_array_equal(ours, theirs)


def test_fast_pictures_show_the_same_scene(env: RobosuiteEnv) -> None:
    full, fast = (picture(env, fast).astype(np.float64) for fast in (False, True))
    assert full.shape == (48, 64, 3) and full.std() > 20.0
    assert not np.array_equal(full, fast)
    assert np.abs(full - fast).mean() < 8.0


def test_the_model_is_left_as_it_was(env: RobosuiteEnv) -> None:
    vis = env.simulation.model.vis
    before = vis.quality.shadowsize, vis.quality.offsamples, vis.global_.offwidth
    picture(env, fast=True)
    assert before == (vis.quality.shadowsize, vis.quality.offsamples, vis.global_.offwidth)


def test_a_camera_and_a_size_there_are_not_are_named(env: RobosuiteEnv) -> None:
    camera = OffscreenCamera(env.simulation.model, 32, 32, extra="robosuite")
    with pytest.raises(EnvError, match="Did you mean 'agentview'"):
        camera.picture(env.simulation.data, "agentvew", 32, 32)
    with pytest.raises(EnvError, match="made for 32 x 32"):
        camera.picture(env.simulation.data, "agentview", 64, 32)
    camera.close()


def test_the_drawing_library_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert gl_backend() == "osmesa"
    monkeypatch.delenv("MUJOCO_GL")
    monkeypatch.setattr("ctypes.util.find_library", lambda name: name if name == "OSMesa" else None)
    assert gl_backend() == "osmesa"
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    assert gl_backend() is None


NEAR_THE_TABLE = Viewpoint(target=(0.0, 0.1, 0.9), distance=0.7, azimuth=40.0, elevation=-20.0)


@pytest.mark.parametrize(
    "camera", ["frontview", "agentview", "sideview", "robot0_eye_in_hand", NEAR_THE_TABLE]
)
def test_what_is_out_of_view_is_left_out_without_a_trace(
    env: RobosuiteEnv, camera: str | Viewpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data = env.simulation.model, env.simulation.data
    maker = OffscreenCamera(model, 60, 40, fast=True, hidden_groups=(0,), extra="robosuite")
    found: list[np.ndarray] = []

    def noted(*given: Any) -> np.ndarray:
        found.append(outside(*given))
        return found[-1]

    groups = model.geom_group.copy()
    monkeypatch.setattr("muse.envs.mujoco.camera.outside", noted)
    without = maker.picture(data, camera, 60, 40)
    monkeypatch.setattr("muse.envs.mujoco.camera.outside", lambda *_: np.zeros(model.ngeom, bool))
    whole = maker.picture(data, camera, 60, 40)
    maker.close()
    assert found[0].any()
    np.testing.assert_array_equal(without, whole)
    np.testing.assert_array_equal(model.geom_group, groups)

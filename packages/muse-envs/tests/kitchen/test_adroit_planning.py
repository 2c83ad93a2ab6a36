"""The simulation that a planning expert of the Adroit hand keeps, and the thing in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.core.params import import_object
from muse.envs.env import make
from muse.envs.gym_robotics.adroit_env import AdroitEnv
from muse.policies.adroit_hand import adroit_model
from muse.policies.adroit_thing import AdroitThing

ANGLES = st.tuples(*[st.floats(-3.1, 3.1)] * 3)
EACH = pytest.mark.parametrize("task", ["pen", "hammer"])


@pytest.fixture(scope="module")
def model() -> Any:
    with make(AdroitEnv, {"task": "pen"}) as env:
        return adroit_model("a test", "pen", env.env_spec, None)


@settings(max_examples=50, deadline=None)
@given(angles=ANGLES, off=ANGLES)
def test_a_thing_is_where_it_was_put(
    model: Any, angles: tuple[float, ...], off: tuple[float, ...]
) -> None:
    data = mujoco.MjData(model)
    thing, asked = AdroitThing(model, data), np.empty(4)
    data.qpos[-3:] = np.array(angles) + off  # from wherever it was
    mujoco.mju_euler2Quat(asked, np.array(angles), "xyz")
    thing.put(np.array([0.1, -0.2, 0.3]), asked)
    assert abs(thing.quaternion @ asked) == pytest.approx(1.0, abs=1e-9)
    np.testing.assert_allclose(data.xpos[thing.body], [0.1, -0.2, 0.3], atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(angles=ANGLES)
def test_a_thing_turned_along_an_axis_does_not_roll(model: Any, angles: tuple[float, ...]) -> None:
    data = mujoco.MjData(model)
    thing = AdroitThing(model, data)
    data.qpos[-3:] = angles
    before = thing.quaternion
    axis = np.array([0.6, 0.0, 0.8])
    after, back, turn, vector = thing.along(axis), np.empty(4), np.empty(4), np.empty(3)
    mujoco.mju_rotVecQuat(vector, np.array([0.0, 0.0, 1.0]), after)
    np.testing.assert_allclose(vector, axis, atol=1e-9)
    mujoco.mju_negQuat(back, before)
    mujoco.mju_mulQuat(turn, after, back)
    mujoco.mju_quat2Vel(vector, turn, 1.0)
    assert abs(vector @ axis) < 1e-6


@EACH
def test_the_simulation_goes_along_with_the_environment(task: str) -> None:
    for followed, positions in _follow(task, push=None):
        np.testing.assert_allclose(followed, positions, atol=1e-5)


@EACH
def test_the_simulation_sees_what_pushes_the_thing(task: str) -> None:
    for followed, positions in _follow(task, push=3):
        # The last joint is the pen's roll, which is not observed.
        np.testing.assert_allclose(followed[:-1], positions[:-1], atol=2e-3)


def _follow(task: str, push: int | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the positions (nq,) of simulation and environment; `push` moves the thing by 2 cm."""
    kind = f"muse.policies.adroit_{task}_expert.Adroit{task.title()}Expert"
    with make(AdroitEnv, {"task": task}) as env:
        expert = import_object(kind)(None, env.env_spec)
        env.seed(0)
        obs, goal = env.reset()
        memory = expert.initial_memory(None, 1)
        data = env.simulator.data  # type: ignore[attr-defined]
        for step in range(8):
            action, memory = expert.get_action(None, obs, goal, memory)
            yield memory.physics[0, 1 : 1 + data.qpos.size], data.qpos.copy()
            if step == push:
                data.qpos[-6] += 0.02
            obs, goal, _ = env.step(action)

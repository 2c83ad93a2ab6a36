from __future__ import annotations

import numpy as np
import pytest

from muse.core.errors import UsageError
from muse.policies.sampling_planner import SamplingPlanner, Search

mujoco = pytest.importorskip("mujoco")

# A weight of 1 kg on a rail, pushed by up to 5 N; a sensor tells where it is.
XML = """
<mujoco>
  <option timestep="0.01"/>
  <worldbody>
    <body name="weight">
      <joint name="rail" type="slide" axis="1 0 0"/>
      <geom size="0.1" mass="1"/>
      <site name="top"/>
    </body>
  </worldbody>
  <actuator><motor joint="rail" ctrllimited="true" ctrlrange="-5 5"/></actuator>
  <sensor><framepos objtype="site" objname="top"/></sensor>
</mujoco>
"""
GOAL = 0.5


def _far_from_goal(states: np.ndarray, sensors: np.ndarray, controls: np.ndarray) -> np.ndarray:
    return ((sensors[..., 0] - GOAL) ** 2 + 0.1 * states[..., 2] ** 2).mean(axis=1)


def _planner(cost=_far_from_goal, **search) -> SamplingPlanner:
    return SamplingPlanner(mujoco.MjModel.from_xml_string(XML), cost, np.ones(1), Search(**search))


def _drive(planner: SamplingPlanner, steps: int) -> np.ndarray:
    """Return the state (3,) - time, place, speed - after planning anew at every control step."""
    data = mujoco.MjData(model := mujoco.MjModel.from_xml_string(XML))
    nominal = np.zeros((1, planner.search.knots, 1))
    for step in range(steps):
        state = np.array([data.time, *data.qpos, *data.qvel])
        plan = planner.plan(state, nominal, np.random.default_rng(step))
        data.ctrl[:] = planner.controls(plan)[0]
        mujoco.mj_step(model, data, planner.search.substeps)
        nominal = planner.later(plan, 1)[None]
    return np.array([data.time, *data.qpos, *data.qvel])


@pytest.mark.parametrize("temperature", [0.0, 0.1])
def test_it_brings_the_weight_to_its_goal_and_holds_it(temperature):
    _, place, speed = _drive(_planner(temperature=temperature, rounds=2), steps=60)
    assert place == pytest.approx(GOAL, abs=0.05)
    assert speed == pytest.approx(0.0, abs=0.2)


def test_a_plan_depends_on_its_arguments_alone():
    planner, state, nominal = _planner(), np.zeros(3), np.zeros((1, 4, 1))
    first = planner.plan(state, nominal, np.random.default_rng(0))
    planner.plan(np.ones(3), nominal, np.random.default_rng(1))
    assert np.array_equal(planner.plan(state, nominal, np.random.default_rng(0)), first)
    assert np.array_equal(_planner().plan(state, nominal, np.random.default_rng(0)), first)


def test_the_best_of_several_nominals_is_kept_where_noise_finds_no_better():
    still, away = np.zeros((4, 1)), np.full((4, 1), -5.0)
    planner = _planner(temperature=0.0, samples=2)
    plan = planner.plan(
        np.array([0.0, GOAL, 0.0]), np.stack([away, still]), np.random.default_rng()
    )
    assert np.array_equal(plan, still)


def test_controls_stay_in_the_actuators_range():
    eager = _planner(lambda states, sensors, controls: -controls[..., 0].sum(axis=1))
    plan = eager.plan(np.zeros(3), np.full((1, 4, 1), 4.5), np.random.default_rng(0))
    assert 4.5 < plan.max() <= 5.0


def test_a_plan_goes_on_where_it_was_and_holds_its_end():
    planner = _planner(horizon=12, knots=4)
    knots = np.array([[0.0], [4.0], [-2.0], [1.0]])
    whole = planner.controls(knots, np.arange(30))
    assert planner.controls(knots).shape == (12, 1)
    assert whole[[0, 4, 8, 12, 29], 0] == pytest.approx([0.0, 4.0, -2.0, 1.0, 1.0])
    assert planner.controls(planner.later(knots, 4)) == pytest.approx(whole[4:16])
    assert planner.later(knots, 12) == pytest.approx(np.ones((4, 1)))


def test_a_plan_that_blows_up_is_never_taken():
    model = mujoco.MjModel.from_xml_string(XML)
    model.actuator_gainprm[:, 0] = 1e12

    def fast_is_good(states, sensors, controls):
        return -np.abs(states[..., 2]).max(axis=1)

    search = Search(temperature=0.0, samples=2)
    planner = SamplingPlanner(model, fast_is_good, np.ones(1), search)
    still, wild = np.zeros((4, 1)), np.full((4, 1), 5.0)
    plan = planner.plan(np.zeros(3), np.stack([wild, still]), np.random.default_rng(0))
    assert np.array_equal(plan, still)


@pytest.mark.parametrize("wrong", [{"knots": 1}, {"horizon": 0}, {"samples": 0}, {"rounds": 0}])
def test_a_search_that_looks_nowhere_is_refused(wrong):
    with pytest.raises(UsageError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
        Search(**wrong)

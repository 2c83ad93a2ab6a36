"""Clicks, modes, and the actions that follow from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from muse.core.errors import DataError, UsageError
from muse.datasets.formats.catalogue import open_source
from muse.datasets.tools.relabel import clicks
from muse.datasets.tools.relabel.mode_relabelling import ModeRelabelling

SPEED = 1.0


def go_to(state, target):
    """Dynamics of a point that walks up to SPEED a step; the action is the step taken."""
    step = np.clip(target - state, -SPEED, SPEED)
    following = state + step
    return step, following, (np.abs(target - following) < 1e-9).all(axis=1)


def flags(text):
    return np.array([c == "1" for c in text])


def text(values):
    return "".join("1" if v else "0" for v in values)


@pytest.mark.parametrize(
    ("given_", "cleaned", "dense"),
    [
        ("000100", "000101", "000000"),
        ("001100", "001001", "000000"),  # a lone double click is one
        ("110000", "100001", "000000"),
        ("011100", "011101", "011100"),
        ("000011", "000011", "000011"),
        ("001110", "001111", "001111"),
    ],
)
def test_clicks_become_waypoints_and_dense_periods(given_, cleaned, dense):
    found = clicks.cleaned(flags(given_))
    assert text(found) == cleaned
    assert text(clicks.dense_steps(found)) == dense


@given(arrays(np.bool_, st.integers(1, 40)))
def test_every_step_aims_at_a_later_waypoint(given_):
    clicked = clicks.cleaned(given_)
    dense = clicks.dense_steps(clicked)
    points = clicks.waypoints(clicked, dense, between=2)
    last = len(given_) - 1
    assert points[-1] == last and (np.diff(points) > 0).all()
    goals = clicks.next_waypoint(points, len(given_))
    assert (goals[:-1] > np.arange(last)).all() and goals[-1] == last
    assert set(goals.tolist()) <= set(points.tolist())


def test_speed_tells_dense_from_sparse():
    speed = np.array([9.0] * 7 + [0.1] * 6 + [9.0] * 5 + [0.1] * 2 + [9.0] * 4)
    found = clicks.velocity_clicks([speed], [1.0], min_dense_len=5, wp_horizon=3)
    assert text(found) == "001001" + "0" + "111111" + "00100100100"
    assert not (found & clicks.dense_steps(found))[:7].any()
    with_other = clicks.velocity_clicks([speed, speed * 0 + 5], [1.0, 1.0], 5, 3)
    assert not clicks.dense_steps(with_other).any()


@pytest.fixture
def source(write):
    """Two episodes of a point in the plane that overshoots, and one that nobody clicked."""
    lengths, n = [9, 6, 3], 18
    done = np.zeros(n, bool)
    done[np.cumsum(lengths) - 1] = True
    clicked = flags("000100111" + "000000" + "000")
    clicked[12] = True
    data = {
        "pos": np.stack([np.arange(n) * 2.0, np.zeros(n)], 1).astype(np.float32),
        "image": np.arange(n * 12, dtype=np.uint8).reshape(n, 2, 2, 3),
        "action": np.tile(np.float32([7, 8, 9]), (n, 1)),
        "click_state": clicked[:, None].astype(np.uint8),
        "done": done,
    }
    with open_source(write(data)) as source:
        yield source


def relabelled(source, **changes):
    how = {
        "state_names": ("pos",),
        "mode0_names": ("target/pos",),
        "mode1_names": ("action",),
        "populate_mode0": True,
    }
    return ModeRelabelling(**{**how, **changes}).apply(source)


def three(state, target):
    step, following, reached = go_to(state, target)
    return np.concatenate([step, np.zeros((len(step), 1))], axis=1), following, reached


def test_sparse_steps_aim_at_waypoints_and_dense_ones_at_the_next_state(source):
    view, skipped = relabelled(source, dynamics=three, keep_from=2)
    assert skipped == [2] and view.lengths.tolist() == [9, 6]
    assert view.read("mode", 0)[:, 0].tolist() == [0] * 6 + [1] * 3
    target = view.read("target/pos", 0)[:, 0]
    assert target.tolist() == [6, 6, 6, 12, 12, 12, 14, 16, 16]
    action = view.read("action", 0)
    assert action[:6, 0].tolist() == [1, 1, 1, 1, 1, 1]  # clipped steps to the waypoint
    assert action[6:].tolist() == [[7, 8, 9]] * 3  # dense actions stay
    assert (action[:, 2] == 9).all()  # the gripper too
    assert (view.read("raw/action", 0) == [7, 8, 9]).all()
    assert view.read("raw/target/pos", 0)[:, 0].tolist() == [2, 4, 6, 8, 10, 12, 14, 16, 16]
    assert (view.read("real", 0) == 1).all()
    assert view.read("target/pos", 1)[:, 0].tolist() == [24, 24, 24, 28, 28, 28]


def test_variants_of_relabelling(source):
    goal, _ = relabelled(source, use_dense_goal=True)
    assert goal.read("target/pos", 0)[6:, 0].tolist() == [16, 16, 16]
    assert (goal.read("action", 0) == [7, 8, 9]).all()  # no dynamics, no change
    ahead, _ = relabelled(source, mode0_skip=2, relabel_actions=False)
    assert ahead.read("target/pos", 0)[:3, 0].tolist() == [4, 6, 8]
    assert len(ahead.lengths) == 3  # nothing is left out when no action changes
    between, _ = relabelled(source, between=1)
    assert between.read("target/pos", 0)[:6, 0].tolist() == [2, 6, 6, 8, 12, 12]
    gripper, _ = relabelled(source, populate_gripper=True)
    assert gripper.read("target/gripper", 0)[:, 0].tolist() == [9] * 9


def test_what_the_dynamics_do_not_know_stays(source):
    view, _ = relabelled(source, dynamics=go_to)  # knows two of three numbers
    assert view.read("action", 0)[0].tolist() == [1, 0, 9]
    imagined, _ = relabelled(source, dynamics=go_to, relabel_states=True)
    assert (imagined.read("action", 0)[:, 2] == 9).all()


def test_imagined_states_walk_to_the_waypoints(source):
    view, _ = relabelled(source, dynamics=three, relabel_states=True)
    states, modes = view.read("pos", 0), view.read("mode", 0)[:, 0]
    assert len(states) == view.lengths[0] > 9
    assert (view.read("real", 0) == 0).all()
    sparse = modes[:-1] == 0
    assert (np.abs(np.diff(states, axis=0)).max(axis=1)[sparse] <= 2).all()
    assert {6.0, 12.0, 16.0} <= set(states[:, 0].tolist())
    assert len(view.read("image", 0)) == len(states)


def test_what_cannot_be_relabelled_is_explained(source):
    with pytest.raises(UsageError, match="populate-mode0-actions"):
        relabelled(source, populate_mode0=False)
    with pytest.raises(UsageError, match="--state-names 'poss'.*Did you mean 'pos'"):
        relabelled(source, state_names=("poss",))
    wide = lambda state, target: (np.zeros((len(state), 4)), state, state[:, 0] > 0)  # noqa: E731
    with pytest.raises(UsageError, match=r"shape \(9, 4\).*expected \(9, 3\)"):
        relabelled(source, dynamics=wide)[0].read("action", 0)
    with pytest.raises(UsageError, match="returned a function.*--dynamics-params"):
        relabelled(source, dynamics=lambda *given: go_to)[0].read("action", 0)
    with pytest.raises(UsageError, match="needs the dynamics"):
        relabelled(source, relabel_states=True)
    stuck = lambda state, target: (np.zeros((len(state), 3)), state, np.zeros(len(state), bool))  # noqa: E731
    with pytest.raises(DataError, match="do not reach a waypoint"):
        relabelled(source, dynamics=stuck, relabel_states=True)

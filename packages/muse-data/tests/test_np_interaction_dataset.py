"""Interactions: windows around contact, what came before, and goals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, ParamError
from muse.datasets import NpInteractionDataset
from muse.datasets.interactions import get_parse_interaction_from_episode_fn
from muse.datasets.testing import check_dataset

LENGTHS = [30, 8, 40]


def contact(inputs, outputs):
    """Contact at steps 10-14 and 20-23, as far as the episode goes."""
    t = inputs.rollout_timestep
    return ((t >= 10) & (t < 15)) | ((t >= 20) & (t < 24))


PARSE = get_parse_interaction_from_episode_fn(contact, window=0)


@pytest.fixture
def build(spec, make_data, write):
    def build(**changes):
        params = AttrDict(file=write(make_data(LENGTHS)), horizon=6, batch_size=50, frozen=True)
        params.parse_interaction_bounds_from_episode_fn = PARSE
        for name, value in changes.items():
            params[name] = value
        return NpInteractionDataset(params, spec)

    return build


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"pad_to_horizon": False},
        {"horizon": 12},
        {"horizon_skip": 2},
        {"sample_pre_window": False},
        {"sample_goals": False},
        {"sample_goal_as_contact_end": False},
        {"sample_post_goals_only": True},
        {"sample_interaction_goals_only": True},
        {"batch_names_to_get": ["state"], "goal_key_prefix": "aim"},
        {"index_all_keys": False},
    ],
    ids=str,
)
def test_keeps_the_contract(build, changes):
    check_dataset(build(**changes))


def test_windows_lie_around_their_contact(build):
    data = build(soft_boundary_length=2, init_soft_boundary_length=1)
    assert data.get_num_periods() == len(data) == 4 and data.get_num_episodes() == 3
    assert [data.period_length(i) for i in range(4)] == [20, 15, 20, 25]
    np.testing.assert_allclose(data.period_weights(), 0.25)
    inputs, _ = data.get_batch(np.tile([0, 1, 2, 3], 100))
    first, last = inputs.rollout_timestep[:, 0], inputs.rollout_timestep[:, -1]
    pre = inputs.pre.rollout_timestep
    for period, low, high, begin, pre_end in [(0, 8, 16, 0, 10), (1, 18, 25, 15, 20)]:
        rows = slice(period, None, 4)
        assert (first[rows].min(), last[rows].max()) == (low, high)
        assert (pre[rows].min(), pre[rows].max()) == (begin, pre_end)
    np.testing.assert_array_equal(inputs.goal.state[:, 0], inputs.state[:, -1])
    assert not inputs.padding_mask.any() and inputs.goal.state.shape == (400, 1, 3)


@pytest.mark.parametrize(
    ("changes", "low", "high"),
    [
        ({"sample_goal_as_contact_end": False}, 1, 19),
        ({"sample_post_goals_only": True}, 15, 19),
        ({"sample_interaction_goals_only": True}, 1, 14),
    ],
)
def test_goals_follow_the_window(build, changes, low, high):
    """Of the first interaction: contact 10-14, windows within 10-14, its end at 19."""
    data = build(horizon=2, soft_boundary_length=0, **changes)
    inputs, _ = data.get_batch(np.zeros(500, int))
    last, goal = inputs.rollout_timestep[:, -1], inputs.goal.rollout_timestep[:, 0]
    assert goal.min() >= low and goal.max() == high
    follows = goal > last
    assert (follows | (goal == last)).all()
    assert follows.all() or changes.get("sample_interaction_goals_only")
    assert (last[~follows] == 14).all()  # nothing is left of the contact
    assert len(set(goal[last == last.min()])) > 2


def test_short_interactions_are_padded_or_left_out(build):
    padded = build(horizon=12, soft_boundary_length=0)
    inputs, _ = padded.get_batch([0])
    assert inputs.padding_mask[0].tolist() == [False] * 5 + [True] * 7
    assert not inputs.state[0, 5:].any()
    assert inputs.goal.rollout_timestep[0, 0] == 14
    with pytest.raises(DataError, match="no window fits"):
        build(horizon=12, soft_boundary_length=0, pad_to_horizon=False)


def test_whole_interactions(build):
    data = build()
    inputs, outputs = data.get_periods([0, 1])
    assert inputs.state.shape == (2, 20, 3) and outputs.done.shape == (2, 20)
    assert inputs.padding_mask.sum(1).tolist() == [0, 5]
    assert inputs.rollout_timestep[1, :15].tolist() == list(range(15, 30))
    assert outputs.done[1].tolist() == [False] * 14 + [True] + [False] * 5
    with pytest.raises(DataError, match="no interaction 4"):
        data.get_periods([4])


def test_mistakes_are_named(build, spec, make_data, write):
    with pytest.raises(ParamError, match="exclude each other"):
        build(sample_post_goals_only=True, sample_interaction_goals_only=True)
    with pytest.raises(ParamError, match="horizon of at least 2"):
        build(horizon=1)
    with pytest.raises(ParamError, match="the data have 'arm/joint', so 'arm' cannot"):
        build(goal_key_prefix="arm")
    with pytest.raises(DataError, match="no interaction in 3 episodes"):
        build(parse_interaction_bounds_from_episode_fn=lambda i, o: (np.empty((0, 4)), 0))
    with pytest.raises(DataError, match=r"gave \[\[0, 9, 3, 4\]\] for episode 0 of 30 steps"):
        build(parse_interaction_bounds_from_episode_fn=lambda i, o: ([[0, 9, 3, 4]], 0))


@given(
    flags=st.lists(st.booleans(), min_size=1, max_size=60),
    window=st.integers(0, 4),
    shortest=st.integers(1, 5),
    longest=st.integers(0, 20),
)
def test_interactions_share_an_episode_out(flags, window, shortest, longest):
    inputs = AttrDict(flag=np.array(flags)[:, None])
    parse = get_parse_interaction_from_episode_fn(flag, window, shortest, longest)
    bounds, skipped = parse(inputs, AttrDict())
    wide = [any(flags[max(i - window, 0) : i + window + 1]) for i in range(len(flags))]
    runs = sum(a and not b for a, b in zip(wide, [False, *wide], strict=False))
    assert len(bounds) + skipped == runs
    for begin, start, end, last in bounds:
        assert 0 <= begin <= start <= end <= last < len(flags)
        assert all(wide[start : end + 1]) and not any(wide[begin:start])
        assert not any(wide[end + 1 : last + 1])
        assert shortest <= end - start + 1 <= (longest or 99)
    if runs and not skipped:
        assert bounds[0][0] == 0 and bounds[-1][3] == len(flags) - 1


def flag(inputs, outputs):
    return inputs.flag


def test_runs_may_be_given():
    parse = get_parse_interaction_from_episode_fn(lambda i, o: [[2, 3], [6, 8]], bounds=True)
    bounds, skipped = parse(AttrDict(a=np.zeros(10)), AttrDict())
    assert bounds.tolist() == [[0, 2, 3, 5], [4, 6, 8, 9]] and skipped == 0
    wrong = get_parse_interaction_from_episode_fn(lambda i, o: [[2, 12]], bounds=True)
    with pytest.raises(DataError, match=r"runs \[\[2, 12\]\] for 10 steps"):
        wrong(AttrDict(a=np.zeros(10)), AttrDict())

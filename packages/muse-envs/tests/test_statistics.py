"""Intervals and summaries against known values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.errors import DataError
from muse.envs.episode import Episode
from muse.envs.statistics import Z_95, summarize, wilson_interval


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
        (8, 10, 0.4901625, 0.9433178),
        (50, 100, 0.4038315, 0.5961685),
        (0, 10, 0.0, 0.2775328),
        (10, 10, 0.7224672, 1.0),
        (45, 50, 0.7863977, 0.9565242),
        (1, 1, 0.2065493, 1.0),
    ],
)
def test_wilson_known_values(successes, n, low, high):
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=1e-6)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_ends_solve_the_score_equation(case):
    k, n = case
    low, high = wilson_interval(k, n)
    assert 0 <= low <= k / n <= high <= 1
    for p in (low, high):
        if 0 < p < 1:
            spread = Z_95 * math.sqrt(p * (1 - p) / n)
            assert abs(p - k / n) == pytest.approx(spread, abs=1e-9)


def test_wilson_without_trials_knows_nothing():
    assert wilson_interval(0, 0) == (0.0, 1.0)
    with pytest.raises(DataError, match="successes=3"):
        wilson_interval(3, 2)


def test_summarize():
    episodes = [
        Episode(0, 4, True, 0.9, 2.0, 1.0, True, False),
        Episode(1, 6, False, 0.1, -1.0, 0.5, False, True),
    ]
    summary = summarize(episodes)
    assert (summary.n, summary.successes, summary.rate) == (2, 1, 0.5)
    assert summary.interval == wilson_interval(1, 2)
    assert summary.mean_score == pytest.approx(0.5)
    assert (summary.mean_return, summary.mean_max_reward, summary.mean_length) == (0.5, 0.75, 5.0)
    assert summarize([]).rate == 0.0

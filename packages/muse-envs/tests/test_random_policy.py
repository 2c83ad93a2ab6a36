"""RandomPolicy: within limits, uniform, and a pure function of seed and step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.spec import ParamEnvSpec
from muse.envs.action_check import ActionChecker
from muse.envs.counter_random import uniform
from muse.policies.random_policy import RandomPolicy

SPEC = ParamEnvSpec(
    AttrDict(
        names_shapes_limits_dtypes=[
            ("o", (1,), (0, 1), "float32"),
            ("box", (2, 3), (-0.7, [[0.1, 0.2, 0.3], [1, 2, 3]]), "float32"),
            ("open", (2,), (-np.inf, np.inf), "float64"),
            ("half", (1,), (5.0, np.inf), "float32"),
            ("kind", (1,), (-1, 2), "int64"),
            ("byte", (1,), (0, 255), "uint8"),
            ("flag", (1,), (False, True), "bool"),
        ],
        observation_names=["o"],
        action_names=["box", "open", "half", "kind", "byte", "flag"],
    )
)


def actions(seeds, count=0):
    memory = AttrDict(seed=np.array(seeds), count=np.full(len(seeds), count))
    return RandomPolicy(None, SPEC).get_action(None, AttrDict(), AttrDict(), memory)


@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=5), st.integers(0, 10**6))
def test_actions_fit_the_spec_and_do_not_depend_on_the_batch(seeds, count):
    together, memory = actions(seeds, count)
    ActionChecker("RandomPolicy", SPEC, len(seeds))(together)
    assert (memory["count"] == count + 1).all()
    for row, seed in enumerate(seeds):
        alone, _ = actions([seed], count)
        for name, value in alone.leaf_items():
            assert np.array_equal(value[0], together[name][row])


def test_integers_take_every_value_equally():
    drawn, _ = actions(list(range(8000)))
    values, counts = np.unique(drawn["kind"], return_counts=True)
    assert values.tolist() == [-1, 0, 1, 2]
    assert (abs(counts / 8000 - 0.25) < 0.03).all()
    assert drawn["flag"].mean() == pytest.approx(0.5, abs=0.03)
    assert drawn["half"].min() >= 5.0


def test_counter_random_is_uniform_and_uncorrelated():
    draws = uniform(np.arange(200), np.zeros(200, np.int64), 100)
    assert draws.mean() == pytest.approx(0.5, abs=0.01)
    assert draws.var() == pytest.approx(1 / 12, abs=0.003)
    assert draws.min() >= 0.0 and draws.max() < 1.0
    assert len(np.unique(draws)) == draws.size
    steps = uniform(np.zeros(5000, np.int64), np.arange(5000), 2)
    assert abs(np.corrcoef(steps[:-1, 0], steps[1:, 0])[0, 1]) < 0.05
    assert abs(np.corrcoef(steps.T)[0, 1]) < 0.05
    other = uniform(np.zeros(1, np.int64), np.zeros(1, np.int64), 4, stream=1)
    assert not np.array_equal(other, uniform(np.zeros(1, np.int64), np.zeros(1, np.int64), 4))

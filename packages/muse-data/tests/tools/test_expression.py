"""Conditions on episodes: what they mean, and that nothing can be run through them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.errors import UsageError
from muse.datasets.tools.expression import EpisodeExpression

VALUES = {
    "length": 60,
    "episode": 3,
    "reward": np.array([[0.0], [0.4], [1.2]]),
    "success": np.array([False, False, True]),
    "arm/joint": np.arange(6.0).reshape(3, 2),
    "task": np.array("pour"),
    "seed": np.array(7),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("length > 50 and max(reward) >= 1 and success", True),
        ("length > 50 and max(reward) >= 2", False),
        ("not success or episode == 3", True),
        ("norm(last(arm.joint)) > 6.4", True),
        ("arm.joint[-1, 0] == 4", True),
        ("1 < episode < 3", False),
        ("seed in [1, 7]", True),
        ("seed not in (1, 7)", False),
        ("task == 'pour'", True),
        ("min(diff(reward)) > 0.3", True),
        ("any(isnan(reward)) or count(success) != 1", False),
        ("mean(reward) * 3 - sum(reward) < 1e-9 and len(reward) // 2 == 1", True),
        ("all(success)", False),
        ("-first(arm.joint)[1] % 2 == 1", True),
    ],
)
def test_what_conditions_mean(text, expected):
    assert EpisodeExpression(text).evaluate(VALUES) is expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "reward.__class__",  # only a column of that odd name
        "(lambda: 1)()",
        "[i for i in reward]",
        "f'{reward}'",
        "reward if success else length",
        "max(reward, key=len)",
        "(x := 3)",
        "length ** length ** length",
        "length << 3",
        "open('f')",
        "'a' * 1000000000",
        "[1] * 1000000000",
        "reward[success]",
        "length >",
        "(" * 400 + "1" + ")" * 400,
        "1" + "+1" * 999,
        "1" * 3000,
        "",
    ],
)
def test_nothing_else_is_accepted(text):
    with pytest.raises((UsageError, KeyError)):
        assert not EpisodeExpression(text).evaluate({})


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        expression = EpisodeExpression(text)
        expression.evaluate({**dict.fromkeys(expression.names, 1.0), **VALUES})
    except UsageError:
        pass


def test_unreduced_values_and_names_are_explained(make_data, write):
    from muse.datasets.formats.catalogue import open_source

    with pytest.raises(UsageError, match=r"reduce it.*max"):
        EpisodeExpression("reward").evaluate(VALUES)
    with open_source(write(make_data([3, 4]))) as source:
        with pytest.raises(UsageError, match="Did you mean 'reward'"):
            EpisodeExpression("max(rewrad) > 0").check(source)
        assert [EpisodeExpression("length == 4").matches(source, i) for i in (0, 1)] == [
            False,
            True,
        ]

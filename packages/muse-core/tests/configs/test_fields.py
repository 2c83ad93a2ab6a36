"""Fields: looked up nearest first, worked out after every override, in dependency order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.configs import Field, first, resolve_config
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError


def params(tree: AttrDict, *args: str) -> AttrDict:
    return resolve_config(tree, args).params


def group(**values: object) -> AttrDict:
    return AttrDict(cls="muse_config_samples.Plain", **values)


def test_a_field_takes_the_value_and_applies_its_function() -> None:
    tree = AttrDict(a=3, b=Field("a"), c=Field("a", lambda a: a + 1), d=Field(["a", "c"], max))
    assert params(tree) == AttrDict(a=3, b=3, c=4, d=4)


def test_nearest_scope_wins_over_the_root() -> None:
    tree = AttrDict(x=1, g=group(x=2, y=Field("x"), inner=group(y=Field("x"))))
    resolved = params(tree)
    assert resolved["g/y"] == 2
    assert resolved["g/inner/y"] == 2


def test_a_field_named_like_its_anchor_looks_further_out() -> None:
    tree = AttrDict(
        horizon=10, g=group(horizon=Field("horizon"), h=group(horizon=Field("horizon")))
    )
    resolved = params(tree)
    assert resolved["g/horizon"] == resolved["g/h/horizon"] == 10


@pytest.mark.parametrize("cls", ["muse_config_samples.Net", "not_installed.Net"])
def test_a_class_default_does_not_hide_what_the_config_says_further_out(cls: str) -> None:
    tree = AttrDict(depth=10, g=AttrDict(cls=cls, width=Field("depth")))
    assert params(tree)["g/width"] == 10


def test_a_class_default_is_found_when_the_config_says_nothing() -> None:
    tree = AttrDict(
        g=AttrDict(cls="muse_config_samples.Net", width=Field("depth")), d=Field("g/rate")
    )
    assert params(tree)["g/width"] == 2
    assert params(tree)["d"] == 0.1


def test_relative_and_root_paths() -> None:
    tree = AttrDict(
        x=1,
        g=group(
            x=2,
            up=Field("../x"),
            here=Field("./x"),
            root=Field("/x"),
            down=Field("sub/x"),
            sub=group(x=3, up=Field("../x"), upup=Field("../../x"), side=Field("../other/z")),
            other=AttrDict(z=9),
        ),
    )
    resolved = params(tree)
    assert (resolved["g/up"], resolved["g/here"], resolved["g/root"]) == (1, 2, 1)
    assert (resolved["g/down"], resolved["g/sub/up"], resolved["g/sub/upup"]) == (3, 2, 1)
    assert resolved["g/sub/side"] == 9


def test_a_field_to_a_group_that_comes_later_sees_its_overrides() -> None:
    tree = AttrDict(size=Field("model/hs"), first=group(n=Field("/model/hs")), model=group(hs=8))
    resolved = params(tree, "%model", "--hs", "32")
    assert resolved.size == resolved.first.n == 32


def test_a_field_may_copy_a_group_which_is_then_its_own() -> None:
    tree = AttrDict(h=1, train=group(h=Field("../h"), l=[1]), holdout=Field("train"))
    resolved = params(tree, "--h", "5")
    assert resolved.holdout == resolved.train
    assert resolved.holdout is not resolved.train
    assert resolved.holdout["l"] is not resolved.train["l"]


def test_anchors_inside_a_group_that_a_field_makes() -> None:
    tree = AttrDict(b=Field("holdout/h"), holdout=Field("train"), train=group(h=7))
    assert params(tree).b == 7


def test_fields_inside_lists_and_dicts_are_worked_out() -> None:
    tree = AttrDict(a=1, shape=[Field("a"), (2, Field("a"))], table={"k": Field("a")})
    resolved = params(tree)
    assert resolved["shape"] == [1, (2, 1)]
    assert resolved["table"] == {"k": 1}


def test_an_override_replaces_a_field() -> None:
    tree = AttrDict(a=1, b=Field("a"), c=Field("b"))
    assert params(tree, "--b", "5") == AttrDict(a=1, b=5, c=5)


def test_a_circle_is_shown() -> None:
    tree = AttrDict(a=Field("b"), b=Field("g/c"), g=AttrDict(c=Field("/a")))
    with pytest.raises(ConfigError, match=r"a → b → g/c → a"):
        params(tree)


def test_a_field_to_the_group_it_is_in_is_a_circle() -> None:
    with pytest.raises(ConfigError, match="circle"):
        params(AttrDict(g=group(x=Field("/g"))))


@pytest.mark.parametrize("anchor", ["horizn", "../horizn", "/model/hiden"])
def test_a_missing_anchor_names_field_places_and_near_names(anchor: str) -> None:
    tree = AttrDict(horizon=1, model=group(hidden=3, x=Field(anchor)))
    with pytest.raises(ConfigError) as caught:
        params(tree)
    text = str(caught.value)
    assert "model/x" in text
    assert anchor.rpartition("/")[2] in text
    assert "Did you mean" in text


def test_above_the_root() -> None:
    with pytest.raises(ConfigError, match="above the root"):
        params(AttrDict(a=Field("../b"), b=1))


def test_a_failing_function_names_path_and_values() -> None:
    with pytest.raises(ConfigError, match=r"b = .*a=0.*ZeroDivisionError"):
        params(AttrDict(a=0, b=Field("a", lambda a: 1 / a)))


def test_a_function_cannot_change_its_anchor() -> None:
    tree = AttrDict(a=[1], b=Field("a", lambda a: a.append(2) or a))
    assert params(tree) == AttrDict(a=[1], b=[1, 2])


@pytest.mark.parametrize("anchors", ["", [], [1], None])
def test_malformed_fields(anchors: object) -> None:
    with pytest.raises((ConfigError, TypeError)):
        Field(anchors)  # type: ignore[arg-type]


def test_provenance_names_the_anchors() -> None:
    config = resolve_config(AttrDict(a=1, b=2, g=group(c=Field(["a", "b"], max))))
    assert config.provenance["g/c"] == "Field ← a, b"


def test_first_is_the_plain_reference() -> None:
    assert first(1, 2) == 1
    assert Field("a").fn is first


@given(st.integers(2, 12), st.randoms(use_true_random=False))
def test_order_of_writing_does_not_matter(count: int, rng: random.Random) -> None:
    """A chain of Fields, each one more than the one before, in any order and in any group."""
    places = [rng.choice(["", "g/", "g/h/"]) + f"v{i}" for i in range(count)]
    entries: list[tuple[str, object]] = [(places[0], 0)]
    for i in range(1, count):
        entries.append((places[i], Field("/" + places[i - 1], lambda x: x + 1)))
    rng.shuffle(entries)
    resolved = params(AttrDict(entries), "--set", f"{places[0]}=100")
    assert [resolved[p] for p in places] == [100 + i for i in range(count)]

"""Parameter declarations: what they accept, what they refuse and what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, ParamError
from muse.core.params import (
    Configurable,
    Param,
    import_object,
    instantiate,
    object_path,
    positive,
)


class Base(Configurable):
    declared_params = (
        Param("horizon", int, help="steps in a window", unit="steps"),
        Param("rate", float, 0.5, check=positive),
        Param("names", list[str], ["a"]),
    )

    def __init__(self, params: AttrDict, extra: int = 0) -> None:
        self.params = self.resolve_params(params)
        self.extra = extra


class Child(Base):
    declared_params = (
        Param("rate", float, 0.25),
        Param("mode", str, "fast", choices=("fast", "slow")),
        Param("camera/width", int, 640, unit="px"),
    )


def test_declarations_add_up_and_a_subclass_replaces() -> None:
    resolved = Child.resolve_params(AttrDict(horizon=10))
    assert resolved.as_dict() == {
        "horizon": 10,
        "rate": 0.25,
        "names": ["a"],
        "mode": "fast",
        "camera/width": 640,
    }


def test_defaults_are_fresh_copies() -> None:
    Base.default_params.names.append("b")
    Base.resolve_params({"horizon": 1}).names.append("c")
    assert Base.default_params.names == ["a"]
    assert "horizon" not in Base.default_params


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "Base: missing required parameter 'horizon' (int [steps]: steps in a window)."),
        ({"horizon": 1, "horizn": 2}, "unknown parameter 'horizn'. Did you mean 'horizon'?"),
        ({"horizon": "x"}, "Base: horizon='x' is not allowed: expected int [steps]."),
        ({"horizon": 1.5}, "expected int"),
        ({"horizon": True}, "expected int"),
        ({"horizon": 1, "rate": -1}, "rate=-1.0 is not allowed: expected a number > 0."),
        ({"horizon": 1, "names": [1]}, "expected list of str"),
    ],
)
def test_a_wrong_parameter_is_named(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamError) as error:
        Base.resolve_params(params)
    assert message in str(error.value)
    assert error.value.exit_code == 2


def test_choices_suggest_the_nearest() -> None:
    with pytest.raises(ParamError, match="expected 'fast' or 'slow'.*Did you mean 'fast'"):
        Child.resolve_params({"horizon": 1, "mode": "fats"})


def test_nested_parameters() -> None:
    assert Child.resolve_params({"horizon": 1, "camera": AttrDict(width=3)}).camera.width == 3
    with pytest.raises(ParamError, match="unknown parameter 'camera/widht'.*'camera/width'"):
        Child.resolve_params({"horizon": 1, "camera": AttrDict(widht=3)})


def test_bookkeeping_keys_are_dropped() -> None:
    resolved = Base.resolve_params({"horizon": 1, "cls": Base, "exp_name": "_x"})
    assert "cls" not in resolved and "exp_name" not in resolved


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (int, "1e3", 1000),
        (int, "-4", -4),
        (float, "2", 2.0),
        (float, "1e-4", 1e-4),
        (float, "inf", float("inf")),
        (bool, "false", False),
        (str, "7", "7"),
        (str | None, "None", None),
        (str | None, "none at all", "none at all"),
        (list[int], "[1, 2]", [1, 2]),
        (tuple[float, float], "[0, .9]", (0.0, 0.9)),
        (int | None, "none", None),
        (float | None, "3", 3.0),
        (str | list[str], "['a']", "['a']"),
        (Literal["a", 1], "1", 1),
        (Any, "abc", "abc"),
        (Any, "1e3", 1000.0),
    ],
)
def test_words_of_the_command_line(kind: Any, text: str, value: Any) -> None:
    parsed = Param("p", kind).parse(text, "X")
    assert parsed == value and type(parsed) is type(value)


@given(st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()))
def test_a_written_literal_reads_back(value: Any) -> None:
    assert Param("p", int | float | bool | None).parse(str(value), "X") == value


def test_callables_and_classes() -> None:
    assert Param("fn", Callable).validate(len, "X") is len
    assert Param("fn", Callable[[int], int] | None).validate(None, "X") is None
    with pytest.raises(ParamError, match="expected function"):
        Param("fn", Callable).validate(3, "X")


def test_import_paths_both_ways() -> None:
    assert import_object("muse.core.params.Param") is Param
    assert import_object("muse.core.params.Configurable.resolve_params")
    assert object_path(Param) == "muse.core.params.Param"
    for path, words in [
        ("muse.core.params.Parm", "has no 'Parm'. Did you mean 'Param'"),
        ("muse.nowhere.Thing", "cannot import 'muse.nowhere.Thing'"),
    ]:
        with pytest.raises(ConfigError, match=words):
            import_object(path)
    with pytest.raises(ConfigError, match="top level"):
        object_path(lambda x: x)


def test_instantiate_builds_groups_and_passes_objects_through() -> None:
    built = instantiate(AttrDict(cls=Base, horizon=2, exp_name="_h"), extra=5, base=Base)
    assert built.params.horizon == 2 and built.extra == 5
    assert instantiate(built) is built
    with pytest.raises(ConfigError, match="needs 'cls'"):
        instantiate(AttrDict(horizon=2))
    with pytest.raises(ConfigError, match="expected a Base, got a int"):
        instantiate(3, base=Base)

"""config.json: exact, complete, and refused for what no import path can name."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from muse_config_samples import Net, Scale, double

from muse.configs import Config, Field, load_config, resolve_config
from muse.configs.serialize import decode, encode
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=4)
    | st.sampled_from([double, Net, math.sqrt, len, np.float32, Path("a/b"), Scale(0.5)])
    | st.sampled_from([np.float32(0.1), np.int64(3), np.bool_(True), np.dtype("uint8")])
    | st.builds(functools.partial, st.just(double), st.integers(), k=st.floats(allow_nan=False))
)
hashable = st.integers() | st.text(max_size=3) | st.tuples(st.integers(), st.booleans())
arrays = st.builds(
    lambda dtype, values: np.array(values, dtype=dtype).reshape(-1, 2),
    st.sampled_from(["float32", "float64"]),
    st.lists(st.floats(width=32), max_size=6).map(lambda v: v[: len(v) // 2 * 2]),
)
leaves = st.recursive(
    scalars | arrays | st.sets(hashable, max_size=3) | st.frozensets(hashable, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(hashable, inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.text(
    st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=4
)
trees = st.recursive(
    st.dictionaries(keys | st.just("$tuple"), leaves, max_size=3).map(AttrDict),
    lambda inner: st.dictionaries(keys, inner | leaves, max_size=3).map(AttrDict),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    """Equal in value and in type, NaN like NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, AttrDict) or type(a) is dict:
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=True)
    if isinstance(a, functools.partial):
        return (a.func, a.args, a.keywords) == (b.func, b.args, b.keywords)
    if isinstance(a, float):
        return a.hex() == b.hex()
    return bool(a == b)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(trees)
def test_every_tree_comes_back_exactly(tree: AttrDict) -> None:
    text = json.dumps(encode(tree), allow_nan=False)
    assert same(decode(json.loads(text)), tree)


def test_a_config_comes_back_whole() -> None:
    tree = AttrDict(
        a=1, net=AttrDict(cls=Net, width=Field("a", double), fn=Scale(2.0)), exp_name="n{a}"
    )
    config = resolve_config(tree, ["--a", "3"])
    again = Config.from_json(config.to_json())
    assert again == config
    assert again.params.net.width == 6
    assert again.params.net.fn(2) == 4
    assert again.exp_name == "n3"
    assert again.to_json() == config.to_json()


def test_classes_of_groups_are_import_paths() -> None:
    config = resolve_config(AttrDict(net=AttrDict(cls=Net)))
    assert config.params.net.cls == "muse_config_samples.Net"


def test_it_is_read_from_a_file(tmp_path: Path) -> None:
    config = resolve_config(AttrDict(a=1))
    file = tmp_path / "config.json"
    file.write_text(config.to_json())
    assert Config.from_json(file) == config
    assert Config.from_json(str(file)) == config


def closure() -> Callable[[], None]:
    def inner() -> None: ...

    return inner


class Outer:
    def method(self) -> None: ...


@pytest.mark.parametrize(
    "value",
    [
        lambda x: x,
        closure(),
        functools.partial(lambda: 1),
        Outer().method,
        object(),
        1j,
        Field("a"),
    ],
)
def test_what_cannot_be_named_is_refused_with_path_and_advice(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"^g/x"):
        encode(AttrDict(g=AttrDict(x=value)))
    with pytest.raises(ConfigError, match=r"^g/x\[1\]"):
        encode(AttrDict(g=AttrDict(x=[1, value])))


def test_local_classes_are_refused() -> None:
    class Local:
        pass

    config = resolve_config(AttrDict(net=AttrDict(cls=Local)))
    assert config.params.net.cls is Local
    with pytest.raises(ConfigError, match=r"net/cls.*top level"):
        config.to_json()


def test_functions_of_a_config_on_disk_are_refused(write: Callable[[str, str], Path]) -> None:
    write("my.py", "def f():\n    pass\nexport = AttrDict(fn=f)")
    with pytest.raises(ConfigError, match=r"fn: 'f' is defined in the config file itself"):
        load_config("my.py").to_json()


def test_functions_of_an_installed_config_are_fine(install: Callable[[str, str], Path]) -> None:
    install("exp/own_fn.py", "def f(x=1):\n    return x\nexport = AttrDict(fn=f, g=Field('fn'))")
    config = load_config("exp/own_fn.py")
    again = Config.from_json(config.to_json())
    assert again.params.fn() == 1
    assert again.params.fn.__module__ == "muse.cfgs.exp.own_fn"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "not JSON"),
        ("{}", "no config"),
        ('{"schema": 99, "params": {}}', "schema 99"),
        ('{"schema": 1, "params": {}}', "damaged"),
        ('{"schema": 1, "exp_name": "", "params": {"a": {"$import": "no.such.thing"}}}', "a: "),
        ('{"schema": 1, "exp_name": "", "params": {"a": {"$new": 1}}}', r"a: unknown tag '\$new'"),
        ('{"schema": 1, "exp_name": "", "params": {"a": {"$array": 1}}}', "a: damaged"),
    ],
)
def test_damaged_json(text: str, part: str) -> None:
    with pytest.raises(ConfigError, match=part):
        Config.from_json(text)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        Config.from_json(tmp_path / "config.json")


def test_layer_params_come_back() -> None:
    param_utils = pytest.importorskip("muse.utils.param_utils")
    layers = param_utils.SequentialParams(param_utils.build_mlp_param_list(4, [8, 2]))
    config = resolve_config(AttrDict(net=layers))
    again = Config.from_json(config.to_json())
    assert type(again.params.net) is type(layers)
    assert again.params.net.to_config() == layers.to_config()
    assert again.to_json() == config.to_json()


def test_fields_with_lambdas_come_back_equal() -> None:
    tree = AttrDict(a=1, b=Field("a", lambda a: a + 1), c=Field("a", double), d=[Field("a")])
    config = resolve_config(tree)
    assert Config.from_json(config.to_json()) == config

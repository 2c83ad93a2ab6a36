"""Configs made by a program resolve through the same engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from muse.configs import (
    ConfigNode,
    Field,
    GroupStruct,
    get_script_parser,
    load_base_config,
    make_base_config,
)
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, ParamError
from muse.core.params import Param


class NetNode(ConfigNode):
    default_cls = "muse_config_samples.Net"
    default_local_exp_name = "_w{width}"
    default_params = AttrDict(width=8, names=["a"])


class RootNode(ConfigNode):
    default_local_exp_name = "root{steps}"

    def declare_arguments(self) -> Sequence[Param]:
        return (
            Param("steps", int, 10, help="steps of training", unit="steps"),
            Param("mode", str, "fast", choices=("fast", "slow"), help="pace"),
        )

    def process_params(self, params: AttrDict, global_params: AttrDict) -> AttrDict:
        params["warmup"] = params.steps // 10
        return params


class SecretNode(ConfigNode):
    default_cls = "muse_config_samples.Net"

    def process_params(self, params: AttrDict, global_params: AttrDict) -> AttrDict:
        params["width"] = global_params.steps * 2
        return params


def two_nodes() -> tuple[RootNode, NetNode]:
    root = RootNode("root")
    return root, NetNode("net", root)


def test_a_tree_of_nodes_is_loaded() -> None:
    root, net = two_nodes()
    params = root.load(["--steps", "1e3", "%net", "--width", "4"])
    assert (params.steps, params.warmup, params.net.width, params.net.depth) == (1000, 100, 4, 2)
    assert net.full_params.cls == "muse_config_samples.Net"
    assert "cls" not in net.params
    assert net.global_params is params
    assert root.get_exp_name() == "root1000_w4" == root.config.exp_name
    assert net.get_local_exp_name() == "_w4"
    assert root.get_exp_name(nested=False) == "root1000"
    assert root.config.provenance["warmup"] == "RootNode.process_params"
    assert root.config.provenance["net/width"] == "command line"


def test_inner_nodes_are_processed_first_and_checked_again() -> None:
    root = RootNode("root")
    SecretNode("net", root)
    assert root.load().net.width == 20
    with pytest.raises(ConfigError, match=r"net \(Net\): width=-2"):
        root.load(["--steps", "-1"])


def test_declared_arguments_are_validated() -> None:
    root, _ = two_nodes()
    with pytest.raises(ParamError, match="'fast' or 'slow'"):
        root.load(["--mode", "fst"])
    with pytest.raises(ConfigError, match="'steps'"):
        root.load(["--stps", "3"])


def test_defaults_do_not_leak_between_nodes_or_loads() -> None:
    root = ConfigNode("root")
    NetNode("a", root)
    NetNode("b", root)
    params = root.load(["%a", "--width", "3", "--names", "x"])
    assert (params.a.width, params.b.width, params.b.names) == (3, 8, ["a"])
    params.b.names.append("leak")
    again = root.load()
    assert (again.a.width, again.b.names) == (8, ["a"])
    assert NetNode.default_params == {"width": 8, "names": ["a"]}


def test_a_copied_group_is_named_once() -> None:
    root = ConfigNode("root")
    NetNode("a", root)
    root.load(defaults=AttrDict(b=Field("a")))
    assert root.get_exp_name() == root.config.exp_name == "_w8"


def test_defaults_and_class_of_the_root() -> None:
    params = ConfigNode("net").load(["--depth", "3"], AttrDict(width=5), "muse_config_samples.Net")
    assert (params.cls, params.width, params.depth) == ("muse_config_samples.Net", 5, 3)


def test_help_before_and_after_loading() -> None:
    root, net = two_nodes()
    assert "steps of training" in root.help()
    assert "usage" in net.usage()
    root.load(["%net", "--width", "77"])
    assert "now 77" in net.help()


def test_misuse_is_explained() -> None:
    root, net = two_nodes()
    with pytest.raises(ConfigError, match="not loaded"):
        _ = root.params
    with pytest.raises(ConfigError, match="load the root"):
        net.load()
    with pytest.raises(ConfigError, match="already"):
        NetNode("net", root)
    with pytest.raises(ConfigError, match="'/'"):
        ConfigNode("a/b")


def test_group_struct(write: Callable[[str, str], Path]) -> None:
    write("net.py", "export = AttrDict(cls='muse_config_samples.Net', width=3)")
    assert GroupStruct("net", "net.py", AttrDict(depth=4)).resolve() == {
        "cls": "muse_config_samples.Net",
        "width": 3,
        "depth": 4,
    }
    assert GroupStruct("net", "muse_config_samples.Net").resolve().cls == "muse_config_samples.Net"
    root = ConfigNode("root")
    GroupStruct("net", "net.py").node(root)
    assert root.load(["%net", "--width", "6"]).net.width == 6
    with pytest.raises(ConfigError, match=r"no\.py"):
        GroupStruct("net", "no.py").resolve()


def test_base_configs(write: Callable[[str, str], Path]) -> None:
    params = make_base_config(AttrDict(a=1, b=Field("a"))).load(["--a", "2"])
    assert params == {"a": 2, "b": 2}
    write("my.py", "export = AttrDict(a=1, exp_name='n{a}')")
    params, root = load_base_config("my.py", ["--a", "3"])
    assert params.a == 3
    assert root.get_exp_name() == "n3"


def test_script_parser() -> None:
    parser = get_script_parser(prog="script")
    parser.add_argument("--no_env", action="store_true")
    args = parser.parse_args(["--no_env", "my.py", "--dataset", "x", "%model", "-h"])
    assert args.no_env
    assert args.config == "my.py"
    assert args.config_args == ["--dataset", "x", "%model", "-h"]

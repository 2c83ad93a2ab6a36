"""Groups are completed and checked by the declarations of their class."""

from __future__ import annotations

from typing import Any

import pytest
from muse_config_samples import Net

from muse.configs import Field, resolve_config
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError

NET = "muse_config_samples.Net"


def net(**values: Any) -> AttrDict:
    return AttrDict(model=AttrDict(cls=NET, **values))


def test_defaults_of_the_class_complete_a_group() -> None:
    model = resolve_config(net(width=3)).params.model
    assert model == Net(AttrDict(width=3)).params & AttrDict(cls=NET)


def test_values_come_in_the_declared_type() -> None:
    model = resolve_config(net(width=3.0, rate=1, names=("a",))).params.model
    assert (model.width, model.rate, model.names) == (3, 1.0, ["a"])
    assert isinstance(model.width, int)
    assert isinstance(model.rate, float)


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"widht": 3}, ["model (Net)", "unknown key 'widht'", "'width'"]),
        ({"params": AttrDict(width=3)}, ["model (Net)", "'params'", "It has"]),
        ({"opt": AttrDict(lrr=3)}, ["model (Net)", "'opt/lrr'", "'opt/lr'"]),
        ({"width": "wide"}, ["model (Net)", "width='wide'", "int [neurons]"]),
        ({"width": -1}, ["model (Net)", "width=-1", "> 0"]),
        ({"act": "rellu"}, ["model (Net)", "act", "'relu' or 'tanh'", "Did you mean"]),
        ({"width": Field("/w")}, ["model (Net)", "width=[1]", "from Field ← w"]),
        ({"cls": "muse_config_samples.Nat"}, ["model", "muse_config_samples", "'Nat'", "'Net'"]),
        ({"cls": "muse.configs.nothing.Net"}, ["no module 'nothing'"]),
        ({"cls": "Net"}, ["model/cls='Net'", "import path"]),
    ],
)
def test_mistakes_name_group_class_and_key(values: dict[str, Any], parts: list[str]) -> None:
    tree = net() & AttrDict(w=[1])
    tree.model.update(values)
    with pytest.raises(ConfigError) as caught:
        resolve_config(tree)
    for part in parts:
        assert part in str(caught.value)


def test_a_class_whose_package_is_missing_is_left_unchecked_and_noted() -> None:
    tree = AttrDict(
        robot=AttrDict(cls="not_installed.Robot", anything=1),
        env=AttrDict(cls="muse.not_installed.Env", camera=AttrDict(cls=NET, width=3)),
    )
    config = resolve_config(tree, ["%robot", "--anything", "2"])
    assert config.params.robot == {"cls": "not_installed.Robot", "anything": 2}
    assert "not_installed" in config.unchecked["robot"]
    assert "not installed" in config.unchecked["env"]
    assert config.params["env/camera/depth"] == 2


def test_missing_required_values_are_noted() -> None:
    config = resolve_config(AttrDict(data=AttrDict(cls="muse_config_samples.Data")))
    assert any("data/file is required" in note for note in config.notes)


def test_declarations_that_depend_on_values() -> None:
    family = "muse_config_samples.Family"
    tree = AttrDict(order=["a"], f=AttrDict(cls=family, order=Field("/order"), a=AttrDict(cls=NET)))
    assert resolve_config(tree).params["f/a/width"] == 64
    tree.f.b = AttrDict(cls=NET)
    with pytest.raises(ConfigError, match=r"f \(Family\): unknown key 'b'"):
        resolve_config(tree)
    with pytest.raises(ConfigError, match=r"f \(Family\): order=3"):
        resolve_config(AttrDict(f=AttrDict(cls=family, order=3)))


def test_a_class_that_declares_nothing_takes_anything() -> None:
    tree = AttrDict(opt=AttrDict(cls="muse_config_samples.Plain", lr=1))
    assert resolve_config(tree).params.opt.lr == 1


def test_the_cls_of_a_group_may_be_a_field() -> None:
    tree = AttrDict(net=NET, model=AttrDict(cls=Field("net"), width=3))
    assert resolve_config(tree).params.model.depth == 2

"""Overrides after a config: root options, %groups, %%sub-groups, --set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from muse_config_samples import double, short_name

from muse.configs import Field, resolve_config
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError

NET = "muse_config_samples.Net"
DEEP = "muse_config_samples.DeepNet"


def tree() -> AttrDict:
    return AttrDict(
        batch_size=8,
        lr=1e-4,
        dataset="coffee",
        augment=True,
        quiet=False,
        goal=None,
        hook=double,
        shape=[240, 320],
        local=AttrDict(depth=1, on=True, deep=AttrDict(x=2)),
        exp_name="b{batch_size}",
        model=AttrDict(
            cls=NET,
            width=32,
            exp_name="_w{width}",
            encoder=AttrDict(cls="not_there.Encoder", size=4, flag=False),
        ),
        plain=AttrDict(cls="muse_config_samples.Plain", a=1),
    )


def no_encoder() -> AttrDict:
    base = tree()
    del base["model/encoder"]
    return base


def get(path: str, *args: str) -> Any:
    return resolve_config(no_encoder(), args).params[path]


@pytest.mark.parametrize(
    ("words", "path", "value"),
    [
        (["--batch_size", "16"], "batch_size", 16),
        (["--batch_size=16"], "batch_size", 16),
        (["--batch-size", "16"], "batch_size", 16),
        (["--batch_size", "1e3"], "batch_size", 1000),
        (["--lr", "1"], "lr", 1.0),
        (["--lr", "-1e-3"], "lr", -1e-3),
        (["--dataset", "a b  c"], "dataset", "a b  c"),
        (["--dataset", "7"], "dataset", "7"),
        (["--dataset", "None"], "dataset", None),
        (["--dataset=--odd"], "dataset", "--odd"),
        (["--dataset=%odd"], "dataset", "%odd"),
        (["--dataset="], "dataset", ""),
        (["--goal", "3"], "goal", 3),
        (["--goal", "text"], "goal", "text"),
        (["--shape", "[64,64]"], "shape", [64, 64]),
        (["--shape", "64", "64"], "shape", [64, 64]),
        (["--shape", "1"], "shape", [1]),
        (["--shape", "None"], "shape", None),
        (["--no-augment"], "augment", False),
        (["--no_augment"], "augment", False),
        (["--augment=false"], "augment", False),
        (["--augment", "false"], "augment", False),
        (["--quiet"], "quiet", True),
        (["--local/depth", "3"], "local/depth", 3),
        (["--local/no-on"], "local/on", False),
        (["--local/deep/x", "5"], "local/deep/x", 5),
        (["--batch_size", "1", "--batch_size", "2"], "batch_size", 2),
        (["--set", "local.deep.x=7"], "local/deep/x", 7),
        (["--set", "local/deep/x='seven'"], "local/deep/x", "seven"),
        (["--set", "goal={'a': (1, 2)}"], "goal", {"a": (1, 2)}),
        (["--set", "goal=[1,None]", "lr=5"], "goal", [1, None]),
        (["--set=dataset=7"], "dataset", 7),
        (["%model", "--width", "1e2"], "model/width", 100),
        (["%model", "--rate", "0"], "model/rate", 0.0),
        (["%model", "--no-bias"], "model/bias", False),
        (["%model", "--names", "a", "b"], "model/names", ["a", "b"]),
        (["%model", "--names", "a"], "model/names", ["a"]),
        (["%model", "--names", "7"], "model/names", ["7"]),
        (["%model", "--names"], "model/names", []),
        (["%model", "--sizes", "[1,2]"], "model/sizes", [1, 2]),
        (["%model", "--sizes", "1", "2"], "model/sizes", [1, 2]),
        (["%model", "--label", "x y"], "model/label", "x y"),
        (["%model", "--opt/lr", "1"], "model/opt/lr", 1.0),
        (["%model", "--fn", "muse_config_samples.double"], "model/fn", double),
        (["%model", "--set", "opt.lr=2"], "model/opt/lr", 2.0),
        (["%model", "--set", "fn=muse_config_samples.double"], "model/fn", double),
        (["%model", "--set", "kwargs={'a': {'b': 1}}"], "model/kwargs", AttrDict({"a/b": 1})),
        (["%model", "--set", "kwargs.a=1"], "model/kwargs/a", 1),
        (["--set", "model.width=9"], "model/width", 9),
        (["--goal", "os.path"], "goal", "os.path"),
        (["--hook", "muse_config_samples.short_name"], "hook", short_name),
        (["--set", "model.depth=9"], "model/depth", 9),
        (["--model/width", "9"], "model/width", 9),
        (["%plain", "--set", "new=[1]"], "plain/new", [1]),
        (["%model", "--width", "1", "%plain", "--a", "2", "%model", "--depth", "3"], "plain/a", 2),
        (["%local", "--depth", "4"], "local/depth", 4),
        (["%local", "%%deep", "--x", "4"], "local/deep/x", 4),
        (["%local/deep", "--x", "4"], "local/deep/x", 4),
    ],
)
def test_overrides(words: list[str], path: str, value: Any) -> None:
    found = get(path, *words)
    assert found == value
    assert type(found) is type(value)


def test_a_group_is_sticky_and_may_come_again() -> None:
    words = [
        "%model",
        "--width",
        "1",
        "--depth",
        "3",
        "%plain",
        "--a",
        "2",
        "%model",
        "--width",
        "5",
    ]
    resolved = resolve_config(no_encoder(), words).params
    assert (resolved.model.width, resolved.model.depth, resolved.plain.a) == (5, 3, 2)


def test_sub_groups_hang_on_the_last_group() -> None:
    base = tree()
    base.model["cls"] = "not_there.Model"
    words = ["%model", "%%encoder", "--size", "9", "--flag", "%model", "--width", "1"]
    resolved = resolve_config(base, words).params
    assert resolved["model/encoder/size"] == 9
    assert resolved["model/encoder/flag"] is True
    assert resolved["model/width"] == 1


def test_the_order_of_groups_does_not_matter() -> None:
    base = no_encoder()
    base["w"] = Field("model/width")
    one = resolve_config(base, ["%model", "--width", "2", "%plain", "--a", "3"])
    two = resolve_config(base, ["%plain", "--a", "3", "%model", "--width", "2"])
    assert one.params == two.params
    assert one.params.w == 2


def test_provenance_of_an_override() -> None:
    config = resolve_config(no_encoder(), ["%model", "--width", "2"])
    assert config.provenance["model/width"] == "command line"
    assert config.provenance["model/depth"] == "default of Net"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--batch_sise", "3"], ["config", "batch_sise", "Did you mean 'batch_size'"]),
        (["--width", "3"], ["config", "width", "%model"]),
        (["%model", "--widht", "3"], ["model (Net)", "widht", "'width'"]),
        (["%model", "--batch_size", "3"], ["model (Net)", "batch_size", "the config"]),
        (["%modle", "--width", "3"], ["%modle", "'model'"]),
        (["%%model", "--width", "3"], ["%%model", "%group"]),
        (["%model"], ["%model", "nothing"]),
        (["--batch_size"], ["batch_size", "needs a value", "int"]),
        (["--batch_size", "many"], ["batch_size", "'many'", "int"]),
        (["--batch_size", "0.5"], ["batch_size", "'0.5'", "int"]),
        (["--batch_size", "1", "2"], ["batch_size", "one value"]),
        (["--lr", "fast"], ["lr", "'fast'", "float"]),
        (["--augment", "perhaps"], ["augment", "perhaps", "bool"]),
        (["--no-augment", "true"], ["no-augment", "true"]),
        (["%model", "--act", "relo"], ["model (Net)", "act", "'relu' or 'tanh'", "Did you mean"]),
        (["%model", "--width", "0"], ["model (Net)", "width", "> 0"]),
        (["%model", "--sizes", "a"], ["model (Net)", "sizes"]),
        (["%model", "--set", "widht=3"], ["model (Net)", "widht", "'width'"]),
        (["--set", "model.widht=3"], ["model (Net)", "widht", "'width'"]),
        (["--set", "batch_sise=3"], ["batch_sise", "'batch_size'"]),
        (["--set", "batch_size"], ["batch_size", "name=value"]),
        (["--set"], ["name=value"]),
        (["--set", "goal=[1,"], ["[1,", "literal"]),
        (["--set", "model=3"], ["model is a group"]),
        (["--hook", "muse_config_samples.nothing"], ["hook", "function"]),
        (["stray"], ["stray", "--"]),
        (["%model", "--width", "3", "-x"], ["one value"]),
        (["%model", "-x"], ["-x", "--"]),
        (["%plain", "--new", "3"], ["plain (Plain)", "new", "--set new"]),
        (["%", "--x", "3"], ["'%'", "group"]),
        (["--local", "3"], ["local"]),
    ],
)
def test_mistakes_are_one_clear_line(words: list[str], parts: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve_config(no_encoder(), words)
    text = str(caught.value)
    assert "\n" not in text
    for part in parts:
        assert part in text


def test_a_group_may_be_replaced_by_a_file(write: Callable[[str, str], Path]) -> None:
    write("other.py", "export = AttrDict(cls='muse_config_samples.DeepNet', skip=True)")
    config = resolve_config(no_encoder(), ["%model", "other.py", "--depth", "5"])
    model = config.params.model
    assert (model.cls, model.skip, model.depth, model.width) == (DEEP, True, 5, 32)
    assert config.provenance["model/skip"] == "other.py:3"


def test_a_group_may_be_replaced_by_a_class() -> None:
    model = resolve_config(no_encoder(), ["%model", DEEP, "--skip"]).params.model
    assert (model.cls, model.skip, model.depth, model.width) == (DEEP, True, 8, 32)
    assert (
        resolve_config(no_encoder(), ["%model", "--cls", DEEP]).params.model
        == resolve_config(no_encoder(), ["--set", f"model.cls={DEEP}"]).params.model
    )


def test_keys_the_new_class_does_not_have_go_with_a_note() -> None:
    config = resolve_config(
        no_encoder(), ["%model", "muse_config_samples.Data", "--file", "f", "--exp_name", ""]
    )
    assert "width" not in config.params.model
    assert any("model/width" in note for note in config.notes)


def test_a_new_group_starts_with_its_source() -> None:
    config = resolve_config(no_encoder(), ["%extra", NET, "--width", "3"])
    assert config.params.extra.width == 3


@pytest.mark.parametrize(
    "word", ["nothing.py", "muse_config_samples.Nat", "muse_config_samples.double"]
)
def test_sources_that_are_none(word: str) -> None:
    with pytest.raises(ConfigError, match=r"model|cannot import"):
        resolve_config(no_encoder(), ["%model", word])


def test_extra_exp_name_on_every_node_with_a_name() -> None:
    config = resolve_config(
        no_encoder(), ["--extra_exp_name", "a", "%model", "--extra_exp_name", "b"]
    )
    assert config.exp_name == "b8_a_w32_b"
    with pytest.raises(ConfigError, match="extra_exp_name"):
        resolve_config(no_encoder(), ["%plain", "--extra_exp_name", "b"])


def test_a_copied_group_cannot_be_overridden_apart() -> None:
    base = AttrDict(a=AttrDict(cls="x.Y", n=1), b=Field("a"))
    with pytest.raises(ConfigError, match="refers to"):
        resolve_config(base, ["%b", "--n", "2"])


def test_nothing_leaks_between_two_resolutions() -> None:
    base = no_encoder()
    before = base.copy()
    resolve_config(base, ["--shape", "1", "2", "%model", "--width", "5", "--names", "a"])
    assert base == before
    assert resolve_config(base).params["model/width"] == 32
    assert resolve_config(base).params["model/names"] == []
    first = resolve_config(base).params["model/names"]
    first.append("leak")
    assert resolve_config(base).params["model/names"] == []


def test_two_groups_of_one_class_keep_their_own_values() -> None:
    shared = AttrDict(cls=NET, width=3)
    base = AttrDict(a=shared, b=shared)
    resolved = resolve_config(base, ["%a", "--width", "7"]).params
    assert (resolved.a.width, resolved.b.width) == (7, 3)

"""Finding and executing config files; nothing is shared between two loads."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from muse.configs import find_config, installed_configs, load_config
from muse.core.errors import ConfigError

Write = Callable[[str, str], Path]


def test_a_file_on_disk(write: Write) -> None:
    write("my.py", "export = AttrDict(a=1, b=Field('a'))")
    config = load_config("my.py", ["--a", "2"])
    assert config.params == {"a": 2, "b": 2}
    assert config.source_file == "my.py"
    assert "export = AttrDict" in config.source
    assert config.argv == ("--a", "2")


@pytest.mark.parametrize(
    "name",
    [
        "cfgs/exp_hvs/coffee/bc.py",
        "exp_hvs/coffee/bc.py",
        "exp_hvs/coffee/bc",
        "muse.cfgs.exp_hvs.coffee.bc",
        "cfgs.exp_hvs.coffee.bc",
        "muse/cfgs/exp_hvs/coffee/bc.py",
    ],
)
def test_installed_configs_have_many_names(install: Write, name: str) -> None:
    install("exp_hvs/coffee/bc.py", "export = AttrDict(a=1)")
    config = load_config(name)
    assert config.params.a == 1
    assert config.source_file == "cfgs/exp_hvs/coffee/bc.py"
    assert "exp_hvs/coffee/bc.py" in installed_configs()


def test_disk_comes_before_the_installed(install: Write, write: Write) -> None:
    install("x/bc.py", "export = AttrDict(a='installed')")
    write("cfgs/x/bc.py", "export = AttrDict(a='disk')")
    assert load_config("cfgs/x/bc.py").params.a == "disk"


def test_configs_import_each_other_and_nothing_is_shared(install: Write) -> None:
    install("model/base_net.py", "export = AttrDict(cls='x.Net', sizes=[1, 2], lr=1)")
    install(
        "exp/one.py",
        """
        from muse.cfgs.model.base_net import export as base_net
        base_net.lr = base_net.lr + 1
        base_net.sizes.append(3)
        export = AttrDict(model=base_net & AttrDict(width=3))
        """,
    )
    install(
        "exp/two.py", "from muse.cfgs.model.base_net import export as m\nexport = AttrDict(m=m)"
    )
    for _ in range(2):
        one = load_config("exp/one.py").params
        assert (one.model.lr, one.model.sizes, one.model.width) == (2, [1, 2, 3], 3)
        one.model.sizes.append(4)
        assert load_config("exp/two.py").params.m == {"cls": "x.Net", "sizes": [1, 2], "lr": 1}


def test_a_change_of_a_file_is_seen_by_the_next_load(write: Write) -> None:
    write("my.py", "export = AttrDict(a=1)")
    assert load_config("my.py").params.a == 1
    write("my.py", "export = AttrDict(a=222)")
    assert load_config("my.py").params.a == 222


def test_loading_leaves_no_modules_behind(install: Write, write: Write) -> None:
    install("model/net_a.py", "export = AttrDict(a=1)")
    write("config.py", "from muse.cfgs.model.net_a import export")
    before = set(sys.modules)
    load_config("config.py")
    left = {m for m in set(sys.modules) - before if "cfgs" in m or m == "config" or "_muse" in m}
    assert not left


def test_an_import_of_the_user_stays_what_it_was(install: Write) -> None:
    install("model/net_b.py", "export = AttrDict(a=1)")
    import muse.cfgs.model.net_b as mine

    load_config("model/net_b.py")
    import muse.cfgs.model.net_b as again

    assert again is mine
    assert sys.modules["muse.cfgs.model.net_b"] is mine
    for name in [m for m in sys.modules if m.startswith("muse.cfgs")]:
        del sys.modules[name]


def test_a_file_on_disk_reaches_its_neighbours(write: Write) -> None:
    write("base.py", "export = AttrDict(a=1)")
    write("derived.py", "from .base import export as base\nexport = base & AttrDict(b=2)")
    assert load_config("derived.py").params == {"a": 1, "b": 2}


def test_a_missing_file_lists_places_and_near_names(install: Write) -> None:
    install("exp/coffee_rnn.py", "export = AttrDict()")
    with pytest.raises(ConfigError) as caught:
        load_config("cfgs/exp/cofee_rnn.py")
    text = str(caught.value)
    assert "not found" in text
    assert "exp/coffee_rnn.py" in text
    assert "\n" not in text
    with pytest.raises(ConfigError):
        find_config("nothing")


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("expert = AttrDict()", ["bad.py", "export", "'expert'"]),
        ("export = {'a': 1}", ["bad.py", "dict", "AttrDict"]),
        ("export = AttrDict(\n", ["bad.py:3", "syntax error"]),
        ("x = 1\nexport = AttrDict(a=y)", ["bad.py:4", "NameError", "'y'"]),
        ("import not_there_at_all", ["bad.py:3", "not_there_at_all"]),
        ("export = AttrDict(a=AttrDict()['b'])", ["bad.py:3", "'b'"]),
        ("export = AttrDict(a=Field(''))", ["bad.py:3", "Field"]),
        ("from .broken import export", ["broken.py:4", "ZeroDivisionError"]),
    ],
)
def test_bad_configs_are_one_line_with_file_and_line(
    write: Write, body: str, parts: list[str]
) -> None:
    write("broken.py", "def f():\n    return 1 / 0\nexport = f()")
    write("bad.py", body)
    with pytest.raises(ConfigError) as caught:
        load_config("bad.py")
    text = str(caught.value)
    assert "\n" not in text
    for part in parts:
        assert part in text


def test_origins_follow_merges_imports_and_assignments(install: Write, write: Write) -> None:
    install("model/net_c.py", "export = AttrDict(\n    cls='x.Net',\n    width=1,\n    depth=2,\n)")
    write(
        "exp.py",
        """
        from muse.cfgs.model.net_c import export as net
        common = AttrDict(seed=0)
        export = common & AttrDict(
            a=1,
            model=net & AttrDict(width=2),
            other=net.copy(),
            sub=AttrDict(dict(x=1), y=AttrDict(z=2)),
        )
        export.b = 3
        export["sub/w"] = 4
        """,
    )
    provenance = load_config("exp.py").provenance
    assert provenance["seed"] == "exp.py:5"
    assert provenance["a"] == "exp.py:7"
    assert provenance["model/width"] == "exp.py:8"
    assert provenance["model/depth"] == "cfgs/model/net_c.py:6"
    assert provenance["other/width"] == "cfgs/model/net_c.py:5"
    assert provenance["sub/y/z"] == "exp.py:10"
    assert provenance["b"] == "exp.py:12"
    assert provenance["sub/w"] == "exp.py:13"

"""-h at every level."""

from __future__ import annotations

import pytest

from muse.configs import config_help, format_help, load_config, resolve_config
from muse.configs.config import Config
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError

BODY = """
export = AttrDict(
    batch_size=8,
    flag=True,
    exp_name="b{batch_size}",
    model=AttrDict(
        cls="muse_config_samples.Family",
        order=["net"],
        net=AttrDict(cls="muse_config_samples.Net", width=32),
    ),
    robot=AttrDict(cls="not_there.Robot", speed=1.0),
)
"""


@pytest.fixture
def config(write) -> Config:
    write("my.py", BODY)
    return load_config("my.py")


def test_the_root_shows_keys_and_groups(config: Config) -> None:
    text = format_help(config, "")
    assert "--batch_size  int " in text
    assert "now 8, my.py:" in text
    assert "--[no-]flag" in text
    assert "%model" in text
    assert "%%net" in text
    assert "A model of models" in text
    assert "experiment name: b8" in text


def test_a_group_shows_type_value_default_unit_help_and_choices(config: Config) -> None:
    text = " ".join(format_help(config, "model/net").split())
    assert "--width int [neurons] neurons of a layer; now 32, my.py:" in text
    assert "default 64" in text
    assert "--act 'relu' or 'tanh' activation; now 'relu', default of Net" in text
    assert "--[no-]bias" in text
    assert "--opt/lr float [1/step]" in text
    assert "%model %%net" in text


def test_a_class_that_is_missing_says_so(config: Config) -> None:
    text = format_help(config, "robot")
    assert "not_there" in text
    assert "not known here" in text
    assert "--speed  float" in text


def test_an_unknown_group(config: Config) -> None:
    with pytest.raises(ConfigError, match="no group 'modle'"):
        format_help(config, "modle")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["-h"], "--batch_size"),
        (["--batch_size", "3", "--help"], "now 3, command line"),
        (["%model", "-h"], "its models"),
        (["%model", "%%net", "-h"], "--width"),
        (["%model", "%%net", "--width", "5", "-h"], "now 5, command line"),
        (["%model", "%%net", "-h", "%robot", "--speed", "2"], "--width"),
        (["%robot", "muse_config_samples.Net", "-h"], "--act"),
    ],
)
def test_help_stands_in_its_group(config: Config, words: list[str], part: str) -> None:
    text = config_help("my.py", words)
    assert text is not None
    assert part in " ".join(text.split()).replace("  ", " ")


def test_no_help_without_asking(config: Config) -> None:
    assert config_help("my.py", ["--batch_size", "3"]) is None
    with pytest.raises(ConfigError, match="config_help"):
        load_config("my.py", ["%model", "-h"])


def test_a_config_that_does_not_resolve_still_has_help(write) -> None:
    write(
        "odd.py", "export = AttrDict(a=Field('missing'), m=AttrDict(cls='muse_config_samples.Net'))"
    )
    text = config_help("odd.py", ["%m", "-h"])
    assert text is not None
    assert "--width" in text
    assert "missing" in text


def test_lines_fit_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    config = resolve_config(AttrDict(net=AttrDict(cls="muse_config_samples.Net")))
    assert max(map(len, format_help(config, "net").splitlines())) <= 86
